package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** OpenJDK from Debian's packages, of the suite that has the version. */
final class JdkSource implements Source {
    private static final TreeMap<Integer, String> SUITES =
            new TreeMap<>(Map.of(17, "bookworm", 21, "trixie", 25, "trixie"));
    private static final int DEFAULT = 21;
    private static final Pattern NUMBER = Pattern.compile("(?:1\\.)?(\\d{1,3})(?:[.+_].*)?");

    private final DebianPackages debian;

    JdkSource(DebianPackages debian) {
        this.debian = debian;
    }

    @Override
    public String name() {
        return "jdk";
    }

    /** A release runs on every later JDK: the lowest that is high enough. */
    @Override
    public Optional<String> choose(Optional<String> range) {
        if (range.isEmpty()) {
            return Optional.of(String.valueOf(DEFAULT));
        }
        return feature(range.get()).map(SUITES::ceilingKey).map(String::valueOf);
    }

    /** The number of a version such as {@code 1.8}, {@code 17} or {@code 21.0.4}. */
    static Optional<Integer> feature(String version) {
        Matcher number = NUMBER.matcher(version.strip());
        return number.matches() ? Optional.of(Integer.valueOf(number.group(1))) : Optional.empty();
    }

    @Override
    public List<String> available() {
        return SUITES.descendingKeySet().stream().map(String::valueOf).toList();
    }

    @Override
    public Map<String, String> env(String insidePath) {
        return Map.of("JAVA_HOME", insidePath);
    }

    @Override
    public void fetch(String version, Place place) throws IOException, InterruptedException {
        Path extracted = place.temp().resolve("debian");
        debian.extract(
                SUITES.getOrDefault(Integer.parseInt(version), "trixie"),
                List.of("openjdk-" + version + "-jdk-headless", "ca-certificates"),
                extracted);
        Path home;
        try (Stream<Path> all = Files.list(extracted.resolve("usr/lib/jvm"))) {
            home = all.filter(each -> each.getFileName().toString().startsWith("java-" + version + "-openjdk-"))
                    .filter(each -> Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS))
                    .findFirst()
                    .orElseThrow(() -> new IOException("openjdk-" + version + " has no home in its packages"));
        }
        copy(home, place.directory(), extracted);
        trust(extracted.resolve("usr/share/ca-certificates"), place.directory().resolve("lib/security/cacerts"));
    }

    /** Copies, with files in place of links that leave the directory: Debian keeps settings below /etc. */
    private static void copy(Path from, Path to, Path root) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> all = Files.list(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(each.getFileName().toString());
                String name = each.getFileName().toString();
                if (Files.isSymbolicLink(each)) {
                    Path link = Files.readSymbolicLink(each);
                    Path real =
                            link.isAbsolute() ? root.resolve(link.toString().substring(1)) : each.resolveSibling(link);
                    if (!link.isAbsolute() && !link.startsWith("..")) {
                        Files.createSymbolicLink(target, link);
                    } else if (Files.isDirectory(real)) {
                        copy(real, target, root);
                    } else if (Files.isRegularFile(real)) {
                        Files.copy(real, target);
                    }
                } else if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
                    if (!name.matches("legal|man|demo|docs")) {
                        copy(each, target, root);
                    }
                } else if (!name.equals("src.zip")) {
                    Files.copy(each, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** The trust store that Debian's installation scripts would make. */
    private static void trust(Path certificates, Path target) throws IOException {
        char[] password = "changeit".toCharArray();
        try (Stream<Path> all = Files.walk(certificates)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, password);
            for (Path each :
                    all.filter(path -> path.toString().endsWith(".crt")).toList()) {
                try (InputStream in = Files.newInputStream(each)) {
                    store.setCertificateEntry(
                            each.getFileName().toString(),
                            CertificateFactory.getInstance("X.509").generateCertificate(in));
                }
            }
            Files.deleteIfExists(target);
            try (OutputStream out = Files.newOutputStream(target)) {
                store.store(out, password);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("trust store: " + e.getMessage(), e);
        }
    }
}
