package dev.mayfly.bench.machine;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The small C programs of the benchmarks, compiled without a library on this machine. */
public final class Programs {
    private Programs() {}

    /**
     * Compiles one into a folder and returns the executable.
     *
     * @throws IOException if there is no C compiler or it fails
     */
    public static Path compile(String name, Path folder) throws IOException, InterruptedException {
        Path source = folder.resolve(name + ".c");
        Path program = folder.resolve(name);
        try (InputStream text = Programs.class.getResourceAsStream("c/" + name + ".c")) {
            if (text == null) {
                throw new IOException("no program '" + name + "' in this build");
            }
            Files.copy(text, source);
        }
        HostCommands.Result result;
        try {
            result = HostCommands.attempt(
                    "",
                    List.of("cc", "-static", "-O2", "-Wall", "-Wextra", "-o", program.toString(), source.toString()));
        } catch (MayflyException e) {
            throw new IOException(
                    "this benchmark compiles a C program here and there is no C compiler (expected: the command 'cc';"
                            + " Debian: apt-get install gcc libc6-dev)",
                    e);
        }
        if (result.exit() != 0) {
            throw new IOException("cc " + name + ".c ended with " + result.exit() + ":\n" + result.output());
        }
        Files.delete(source);
        return program;
    }

    /** The layer of a minimal image: these programs in {@code /bin}, and the folders that a root needs. */
    public static Path layer(Path folder, String... names) throws IOException, InterruptedException {
        Path layer = Files.createDirectory(folder.resolve("layer"));
        for (String each : List.of("bin", "proc", "tmp", "dev", "sys", "etc")) {
            Files.createDirectory(layer.resolve(each));
        }
        for (String each : names) {
            compile(each, layer.resolve("bin"));
        }
        HostCommands.run("chmod", "-R", "a+rX", layer.toString()); // Whoever runs inside is not the owner.
        return layer;
    }
}
