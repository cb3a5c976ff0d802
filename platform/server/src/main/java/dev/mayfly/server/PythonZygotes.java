package dev.mayfly.server;

import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.functions.Shims;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.Zygote;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What functions in Python are forked from. A zygote is the machine's own process, so nothing that a build can write has a say in
 * it: base and toolchain are the layers that the build engine put below, the shim is this server's own, and the command
 * is of the constants below. Of a generic part only one thing is taken over: which Python of ours it is for.
 */
final class PythonZygotes {
    private static final String SHIM = "/layers/mayfly_function-python/shim";
    private static final String PROGRAM = SHIM + "/shim.py";

    /** Python as {@code HostToolchains} lays it out. */
    private static final Pattern PYTHON = Pattern.compile("/cnb/toolchains/python/3\\.[0-9]{1,3}/bin/python3");

    /** The values of a generic start's environment that count when Python starts. A fork's is replaced as a whole when it is bound. */
    private static final Map<String, String> AT_START =
            Map.of("LANG", "C.UTF-8", "PYTHONUNBUFFERED", "1", "PYTHONDONTWRITEBYTECODE", "1");

    /** Those that a generic start has besides; a zygote gets the launcher's. */
    private static final List<String> OTHERS = List.of("PATH", "HOME");

    /** No variable, no folder of a user and no working directory counts; output and compiled files as in {@link #AT_START}. */
    private static final List<String> OPTIONS = List.of("-I", "-u", "-B");

    private final Path layer;
    private boolean written;

    /** @param layer for the shim, empty and this server's alone */
    PythonZygotes(Path layer) {
        this.layer = layer;
    }

    /**
     * @param part as the build engine made it
     * @param directories of layers by digest, top first
     */
    Optional<Zygote> of(GenericPart part, Function<List<String>, List<Path>> directories) {
        ProcessSpec process = part.process();
        List<String> argv = process.argv();
        if (argv.size() != 3
                || part.layers().size() < 2
                || !PYTHON.matcher(argv.getFirst()).matches()
                || !argv.subList(1, 3).equals(List.of(PROGRAM, "--generic"))
                || !startsAlike(process.env())) {
            return Optional.empty();
        }
        List<Path> layers = new ArrayList<>(List.of(shim()));
        layers.addAll(directories.apply(part.layers().subList(0, part.layers().size() - 1))); // The last is the shim's.
        List<String> command = new ArrayList<>(List.of(argv.getFirst()));
        command.addAll(OPTIONS);
        command.addAll(List.of(PROGRAM, "--zygote"));
        return Optional.of(new Zygote(layers, command));
    }

    private static boolean startsAlike(Map<String, String> env) {
        return env.size() == AT_START.size() + OTHERS.size()
                && env.keySet().containsAll(OTHERS)
                && env.entrySet().containsAll(AT_START.entrySet());
    }

    private synchronized Path shim() {
        try {
            if (!written) {
                Shims.writePython(Files.createDirectories(layer.resolve(SHIM.substring(1))));
                written = true;
            }
            return layer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
