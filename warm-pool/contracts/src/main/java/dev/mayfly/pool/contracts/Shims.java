package dev.mayfly.pool.contracts;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The programs that turn HTTP into a call of a tenant's function, one for each language. They run inside the instance, listen
 * on the unix socket {@code $MAYFLY_SOCKET} (a path, or {@code fd:0} for one that listens already as standard input) or else
 * on {@code $PORT}, and answer {@code GET /_mayfly/ready} with 200 once the
 * function is loaded, or 500 with the reason if it cannot be.
 */
public final class Shims {
    private Shims() {}

    /** Writes {@code shim.mjs}, for Node 18 and later. */
    public static void writeNode(Path directory) throws IOException {
        copyResources(Shims.class, "shims/node", directory);
    }

    /** Writes {@code shim.py}, for Python 3.9 and later. */
    public static void writePython(Path directory) throws IOException {
        copyResources(Shims.class, "shims/python", directory);
    }

    /** Writes the classes of {@code dev.mayfly.pool.contracts.java.Shim}, for Java 17 and later. */
    public static void writeJava(Path directory) throws IOException {
        String classes = "dev/mayfly/pool/contracts/java";
        copyResources(Shims.class, classes, directory.resolve(classes));
    }

    /** Copies a folder of the class path, from a jar or a directory: where this class comes from. */
    public static void copyResources(Class<?> anchor, String folder, Path target) throws IOException {
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
