package dev.mayfly.builders.toolchains.host;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Go from the Go module proxy: module {@code golang.org/toolchain}, checked against the checksum database as the go command
 * does it.
 */
final class GoSource implements Source {
    private static final String MODULE = "golang.org/toolchain";
    private static final Pattern LINE = Pattern.compile("v0\\.0\\.1-go(\\d+\\.\\d+(?:\\.\\d+)?)\\.linux-(amd64|arm64)");
    private static final Pattern WANTED = Pattern.compile("(?:go)?(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?");
    private static final int SHOWN_MAX = 6;

    private final Downloads downloads;
    private final String arch = "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64";

    GoSource(Downloads downloads) {
        this.downloads = downloads;
    }

    @Override
    public String name() {
        return "go";
    }

    /** The newest patch of the wanted minor version that is not below the wanted patch. */
    @Override
    public Optional<String> choose(Optional<String> range) throws IOException, InterruptedException {
        List<String> all = versions();
        if (range.isEmpty()) {
            return all.stream().findFirst();
        }
        Matcher wanted = WANTED.matcher(range.get().strip());
        if (!wanted.matches()) {
            return Optional.empty();
        }
        String minor = wanted.group(1) + "." + wanted.group(2);
        int patch = wanted.group(3) == null ? 0 : Integer.parseInt(wanted.group(3));
        Optional<String> same = all.stream()
                .filter(version -> version.equals(minor) || version.startsWith(minor + "."))
                .filter(version -> patchOf(version) >= patch)
                .findFirst();
        // Modules before 1.21 have no toolchain here; every later Go builds them.
        return same.isPresent() || Integer.parseInt(wanted.group(2)) >= 21
                ? same
                : all.stream().findFirst();
    }

    @Override
    public List<String> available() throws IOException, InterruptedException {
        List<String> newestOfMinor = new ArrayList<>();
        String last = "";
        for (String version : versions()) {
            String minor = version.substring(0, version.indexOf('.', version.indexOf('.') + 1));
            if (!minor.equals(last)) {
                newestOfMinor.add(version);
                last = minor;
            }
        }
        return newestOfMinor.subList(0, Math.min(SHOWN_MAX, newestOfMinor.size()));
    }

    @Override
    public Map<String, String> env(String insidePath) {
        return Map.of("GOROOT", insidePath, "GOTOOLCHAIN", "local");
    }

    @Override
    public void fetch(String version, Place place) throws IOException, InterruptedException {
        String module = "v0.0.1-go" + version + ".linux-" + arch;
        Path zip = place.temp().resolve("go.zip");
        downloads.file(downloads.goProxy().replaceFirst("/$", "") + "/" + MODULE + "/@v/" + module + ".zip", zip);
        if (downloads.goSums().isPresent()) {
            String sums = downloads.text(downloads.goSums().get() + "/lookup/" + MODULE + "@" + module);
            String expected = MODULE + " " + module + " " + hash(zip);
            if (sums.lines().noneMatch(expected::equals)) {
                throw new IOException(MODULE + "@" + module + ": the archive is not what the checksum database knows");
            }
        }
        unpack(zip, MODULE + "@" + module + "/", place.directory());
    }

    private List<String> versions() throws IOException, InterruptedException {
        return downloads
                .text(downloads.goProxy().replaceFirst("/$", "") + "/" + MODULE + "/@v/list")
                .lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .filter(line -> line.group(2).equals(arch))
                .map(line -> line.group(1))
                .filter(version -> version.indexOf('.') != version.lastIndexOf('.'))
                .sorted(Versions.NEWEST_FIRST)
                .toList();
    }

    private static int patchOf(String version) {
        int dot = version.indexOf('.', version.indexOf('.') + 1);
        return dot < 0 ? 0 : Integer.parseInt(version.substring(dot + 1));
    }

    /** Hash1 of golang.org/x/mod/sumdb/dirhash: SHA-256 over the sorted list of the files' SHA-256. */
    static String hash(Path zip) throws IOException {
        TreeMap<String, String> files = new TreeMap<>();
        try (ZipFile file = new ZipFile(zip.toFile())) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory()) {
                    try (InputStream in = file.getInputStream(entry)) {
                        files.put(entry.getName(), HexFormat.of().formatHex(sha256(in)));
                    }
                }
            }
        }
        StringBuilder list = new StringBuilder();
        files.forEach(
                (name, digest) -> list.append(digest).append("  ").append(name).append('\n'));
        byte[] text = list.toString().getBytes(StandardCharsets.UTF_8);
        return "h1:" + Base64.getEncoder().encodeToString(sha256(new ByteArrayInputStream(text)));
    }

    private static byte[] sha256(InputStream in) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The archive has no modes; programs are what lies in the directories of programs, as the go command sets them. */
    private static void unpack(Path zip, String prefix, Path directory) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.isDirectory() || !entry.getName().startsWith(prefix)) {
                    continue;
                }
                String name = entry.getName().substring(prefix.length());
                Path target = directory.resolve(name).normalize();
                if (!target.startsWith(directory)) {
                    throw new IOException("archive: '" + name + "' leads out of it");
                }
                Files.createDirectories(target.getParent());
                try (InputStream in = file.getInputStream(entry)) {
                    Files.copy(in, target);
                }
                if (name.startsWith("bin/") || name.startsWith("pkg/tool/")) {
                    target.toFile().setExecutable(true, false);
                }
            }
        }
    }
}
