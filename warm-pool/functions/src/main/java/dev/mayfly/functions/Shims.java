package dev.mayfly.functions;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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
 *
 * <p><b>Answer once.</b> With {@code MAYFLY_ISOLATION=request} a shim answers one request, tells the
 * connection to close, turns everybody else away (refused connection, 503, or a closed one) and ends with exit code 0.
 * Questions for readiness before it do not count; what the function left running is not waited for, shutdown hooks neither.
 *
 * <p><b>Bound later.</b> Started with {@code --generic} in place of its arguments, without a tenant's
 * environment, with the listening socket as descriptor 0 and a connected unix stream socket as descriptor 3, a shim does what
 * it can ahead, prints the line {@code generic} and then reads descriptor 3 to the end of the file: one JSON object in UTF-8,
 * at most 192 KiB, {@code {"argv": ["main.py", "greet", "http"], "env": {"NAME": "value"}, "cwd": "/workspace"}}. {@code argv}
 * is what follows the shim in the command of a bound start (in Java class path, class and signature), {@code env} replaces the
 * whole environment. An end without a byte ends it with exit code 0, a
 * message that is wrong with another one and the reason on standard error. Descriptor 3 is closed before anything of the
 * tenant runs, so nobody can bind it again. {@code MAYFLY_ISOLATION=request} counts in either environment; in that of the start
 * it lets the shim load less ahead.
 *
 * <p><b>Forked.</b> Python's shim, started with {@code --zygote}, serves the launcher of sandboxes instead: it finds that as descriptor 3 and the
 * launcher's library as descriptor 4, and goes on in each fork as if that had been started with {@code --generic}.
 *
 * <p>What counts only when a process starts cannot be bound late: LD_*, LC_*, LANG, NODE_OPTIONS, NODE_EXTRA_CA_CERTS,
 * PYTHONHASHSEED, PYTHONOPTIMIZE, JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, _JAVA_OPTIONS; of Java also the size of its heap, and its
 * directory: {@code cwd} must be that of the start, and the process enters it again, as the release's may have been mounted
 * there since. Java copies its environment when it is first asked for it; the shim replaces the process's own before, so that
 * System.getenv(), native code and programs that the function starts all see the message's, and refuses to go on if
 * System.getenv() does not. {@code user.home} follows HOME where it did so at the start. This, and reading descriptor 3, is the
 * work of a small library; where Mayfly was built without a C compiler it is missing and Java is not bound late.
 *
 * <p><b>Programs</b> (the shim in C). {@code mayfly-cgi PROGRAM [ARGUMENT...]} runs a program for each request by CGI/1.1 (RFC
 * 3875): the request in meta-variables, its body (whole, at most 32 MiB) on standard input, the answer from standard output as it
 * comes. It is ready if the program is there and can be run. A program that answers nothing, or what is no answer, is a 502;
 * what it leaves running ends with its answer, and all of it when the caller leaves.
 */
public final class Shims {
    private Shims() {}

    /** Writes {@code shim.mjs} and what it imports, for Node 18 and later. */
    public static void writeNode(Path directory) throws IOException {
        copyResources(Shims.class, "shims/node", directory);
    }

    /** Writes {@code shim.py} and what it imports, for Python 3.9 and later. */
    public static void writePython(Path directory) throws IOException {
        copyResources(Shims.class, "shims/python", directory);
    }

    /**
     * Writes {@code shim.jar}, for Java 17 and later, and {@code libmayfly-shim.so}, without which it cannot be bound later; that
     * is missing if Mayfly was built without a C compiler.
     */
    public static void writeJava(Path directory) throws IOException {
        Path work = Files.createTempDirectory("shim");
        try {
            String classes = "dev/mayfly/functions/java";
            copyResources(Shims.class, classes, work.resolve(classes));
            Files.createDirectories(directory);
            JavaShimJar.write(work, directory.resolve("shim.jar"));
        } finally {
            try (Stream<Path> all = Files.walk(work)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
        copyResources(Shims.class, "shims/java", directory);
    }

    /**
     * Writes {@code mayfly-cgi}, for any image of this machine's processor.
     *
     * @return false if it was not built, for want of a C compiler
     */
    public static boolean writeCgi(Path directory) throws IOException {
        try (InputStream in = Shims.class.getResourceAsStream("/shims/cgi/mayfly-cgi")) {
            if (in == null) {
                return false;
            }
            Path program = directory.resolve("mayfly-cgi");
            write(in, program);
            return program.toFile().setExecutable(true, false);
        }
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
