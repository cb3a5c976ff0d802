package dev.mayfly.functions.java;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Java shares classes between processes from jars only, so the shim is one. The same classes always give the same bytes. */
final class JavaShimJar {
    /** The first moment that a zip file can name, and a second, as in layers of images. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0, 2);

    /**
     * The function's class path is added to Java's own (jdk.internal.loader), as if the process had been started with it; what
     * Java cannot do to its own process is done by a library (native access, asked for from Java 24 on).
     */
    private static final String MANIFEST = """
        Manifest-Version: 1.0
        Main-Class: dev.mayfly.functions.java.shim.Shim
        Add-Opens: java.base/jdk.internal.loader
        Enable-Native-Access: ALL-UNNAMED

        """.replace("\n", "\r\n");

    private JavaShimJar() {}

    /** @param classes laid out by package */
    static void write(Path classes, Path jar) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(classes)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            entries.put(classes.relativize(file).toString(), Files.readAllBytes(file));
        }
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.setMethod(ZipOutputStream.STORED); // Read at each start, and small.
            add(zip, "META-INF/MANIFEST.MF", MANIFEST.getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                add(zip, each.getKey(), each.getValue());
            }
        }
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        entry.setSize(content.length);
        CRC32 sum = new CRC32();
        sum.update(content);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
