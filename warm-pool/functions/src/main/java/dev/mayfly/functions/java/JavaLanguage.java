package dev.mayfly.functions.java;

import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.functions.language.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Java 17 or later. Its shim is {@code shim.jar} and {@code libmayfly-shim.so}, without which it cannot be bound late; that is
 * missing if Mayfly was built without a C compiler.
 *
 * <p>The size of the heap and the directory count when Java starts, so they too cannot be bound late: {@code cwd} must be that of
 * the start, and the process enters it again, as the release's may have been mounted there since. Java copies its environment when
 * it is first asked for it; the shim replaces the process's own before, so that System.getenv(), native code and programs that the
 * function starts all see the message's, and refuses to go on if System.getenv() does not. {@code user.home} follows HOME where
 * it did so at the start. This, and reading descriptor 3, is the work of the library.
 */
public final class JavaLanguage implements FunctionLanguage {
    @Override
    public String name() {
        return "java";
    }

    @Override
    public void writeShim(Path directory) throws IOException {
        Path work = Files.createTempDirectory("shim");
        try {
            String classes = Resources.beside(getClass(), "shim");
            Resources.copy(getClass(), classes, work.resolve(classes));
            Files.createDirectories(directory);
            JavaShimJar.write(work, directory.resolve("shim.jar"));
        } finally {
            try (Stream<Path> all = Files.walk(work)) {
                List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
                for (Path each : deepestFirst) {
                    Files.delete(each);
                }
            }
        }
        Resources.copy(getClass(), Resources.beside(getClass(), "library"), directory);
    }
}
