package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Maven's own distribution, {@code org.apache.maven:apache-maven} of Maven Central. One version builds every project. */
final class MavenSource implements Source {
    private static final String VERSION = "3.9.11";

    private final Downloads downloads;

    MavenSource(Downloads downloads) {
        this.downloads = downloads;
    }

    @Override
    public String name() {
        return "maven";
    }

    @Override
    public Optional<String> choose(Optional<String> range) {
        return range.isEmpty() || VERSION.startsWith(range.get().strip()) ? Optional.of(VERSION) : Optional.empty();
    }

    @Override
    public List<String> available() {
        return List.of(VERSION);
    }

    @Override
    public void fetch(String version, Place place) throws IOException, InterruptedException {
        String url = downloads.mavenRepository().replaceFirst("/$", "") + "/org/apache/maven/apache-maven/" + version
                + "/apache-maven-" + version + "-bin.tar.gz";
        Path archive = place.temp().resolve("maven.tar.gz");
        downloads.file(url, archive);
        String expected =
                downloads.text(url + ".sha512").strip().split("\\s", 2)[0].toLowerCase(Locale.ROOT);
        if (!sha512(archive).equals(expected)) {
            throw new IOException(url + ": its checksum is not the one that was published");
        }
        PackageClients.run(
                place.temp(),
                List.of(
                        "tar",
                        "-xzf",
                        archive.toString(),
                        "-C",
                        place.directory().toString(),
                        "--strip-components=1",
                        "--no-same-owner"));
    }

    private static String sha512(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }
}
