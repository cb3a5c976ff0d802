package dev.mayfly.functions.java.shim;

import java.io.File;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.StringJoiner;

/** What the function is loaded from. */
final class ClassPath {
    private ClassPath() {}

    /**
     * Adds to the class path of this process, as if it had been started with it: directories, jars, and {@code directory/*}
     * for all jars of one.
     */
    static void add(String path) throws ReflectiveOperationException {
        StringJoiner all = new StringJoiner(File.pathSeparator).add(System.getProperty("java.class.path", ""));
        for (String entry : path.split(File.pathSeparator, -1)) {
            for (String each : expand(entry)) {
                append(each);
                all.add(each);
            }
        }
        System.setProperty("java.class.path", all.toString());
    }

    /** Runs the code of it with what is on the class path already, which changes nothing. */
    static void rehearse() throws ReflectiveOperationException {
        for (String each : expand(System.getProperty("java.class.path", ""))) {
            append(each);
        }
        if (ClassLoader.getSystemResource("no/such/thing") != null) {
            throw new ReflectiveOperationException("the class path has what it has not");
        }
    }

    private static void append(String entry) throws ReflectiveOperationException {
        ClassLoader loader = ClassLoader.getSystemClassLoader();
        // The name that java.lang.instrument prescribes for this. Its own way takes jars only. Opened by the jar's
        // manifest.
        Method append = loader.getClass().getDeclaredMethod("appendToClassPathForInstrumentation", String.class);
        append.setAccessible(true);
        append.invoke(loader, entry);
    }

    private static String[] expand(String entry) {
        if (!entry.equals("*") && !entry.endsWith("/*")) {
            return new String[] {entry};
        }
        String folder = entry.substring(0, entry.length() - 1);
        String[] jars = new File(folder.isEmpty() ? "." : folder)
                .list((directory, name) -> name.endsWith(".jar") || name.endsWith(".JAR"));
        if (jars == null) {
            return new String[0];
        }
        Arrays.sort(jars); // The order of a file system is nobody's wish.
        for (int i = 0; i < jars.length; i++) {
            jars[i] = folder.concat(jars[i]);
        }
        return jars;
    }
}
