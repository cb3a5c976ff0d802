package dev.mayfly.functions.java.shim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What Java cannot do to its own process, and a library of 13 kB beside the shim's jar can. */
final class OwnProcess {
    private static final String LIBRARY = "libmayfly-shim.so";

    private OwnProcess() {}

    /** Loads the library. Before any other call. */
    static void open(Path folder) {
        System.load(folder.resolve(LIBRARY).toString());
    }

    /** Reads on; 0 at the end. */
    static int readSome(int descriptor, byte[] into) throws IOException {
        return check(read(descriptor, into), "read");
    }

    static void shut(int descriptor) throws IOException {
        check(close(descriptor), "close");
    }

    /** Standard input becomes empty, for this process and those that it starts. */
    static void leaveInput() throws IOException {
        check(emptyInput(), "standard input");
    }

    static void enter(String directory) throws IOException {
        check(chdir(directory.getBytes(StandardCharsets.UTF_8)), "chdir");
    }

    /**
     * Replaces the environment of this process and of those that it starts. Java copies the environment when it is first asked
     * for it: nobody may have asked before.
     */
    static void replaceEnvironment(Map<String, String> environment) throws IOException {
        check(clearenv(), "clearenv");
        for (Map.Entry<String, String> each : environment.entrySet()) {
            byte[] entry = (each.getKey() + '=' + each.getValue()).getBytes(StandardCharsets.UTF_8);
            check(putenv(entry), "putenv");
        }
    }

    /** The environment as it was when the process started. Does not make Java copy it. */
    static Map<String, String> firstEnvironment() throws IOException {
        Map<String, String> found = new HashMap<>();
        for (String entry : Files.readString(Path.of("/proc/self/environ"), StandardCharsets.ISO_8859_1)
                .split("\0")) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                found.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return found;
    }

    private static int check(int result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": error " + -result);
        }
        return result;
    }

    private static native int read(int descriptor, byte[] into);

    private static native int close(int descriptor);

    private static native int emptyInput();

    private static native int chdir(byte[] path);

    private static native int clearenv();

    private static native int putenv(byte[] entry);
}
