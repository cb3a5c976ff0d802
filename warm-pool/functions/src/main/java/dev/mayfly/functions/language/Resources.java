package dev.mayfly.functions.language;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Files of the class path, written to disk. */
public final class Resources {
    private Resources() {}

    /** The folder of the class path that is called so and lies in the class's package. */
    public static String beside(Class<?> type, String folder) {
        return type.getPackageName().replace('.', '/') + "/" + folder;
    }

    /** The text of a file that lies beside the class. */
    static String text(Class<?> type, String file) throws IOException {
        try (InputStream in = type.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException(beside(type, file) + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Copies a folder of the class path, from a jar or a directory: where this class comes from. One that is not there is
     * empty.
     */
    public static void copy(Class<?> anchor, String folder, Path target) throws IOException {
        Path origin;
        try {
            origin = Path.of(Objects.requireNonNull(anchor.getProtectionDomain().getCodeSource())
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        if (Files.isDirectory(origin)) {
            Path from = origin.resolve(folder);
            if (Files.notExists(from)) {
                return;
            }
            try (Stream<Path> all = Files.walk(from)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    try (InputStream in = Files.newInputStream(file)) {
                        write(in, target.resolve(from.relativize(file).toString()));
                    }
                }
            }
            return;
        }
        try (ZipFile jar = new ZipFile(origin.toFile())) {
            Enumeration<? extends ZipEntry> entries = jar.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && entry.getName().startsWith(folder + "/")) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        write(in, target.resolve(entry.getName().substring(folder.length() + 1)));
                    }
                }
            }
        }
    }

    private static void write(InputStream in, Path file) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.copy(in, file);
    }
}
