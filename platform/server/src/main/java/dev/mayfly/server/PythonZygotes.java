package dev.mayfly.server;

import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.Zygote;
import dev.mayfly.pool.contracts.Shims;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What functions in Python are forked from. A zygote is the machine's own process, and what an image says of its generic part was
 * written where a tenant's code may have run: so base and toolchains are taken from there, whose layers the build engine names, but
 * the shim is this server's own, and only the one command and environment that Mayfly's buildpack writes are good for it.
 */
final class PythonZygotes {
    private static final Pattern SHIM = Pattern.compile("/layers/([a-z0-9][a-z0-9_.-]{0,99})/shim/shim\\.py");

    /** None of these makes Python load anything but what lies in the layers that it may trust. */
    private static final Set<String> ENVIRONMENT =
            Set.of("PATH", "LANG", "HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE");

    /** Buildpacks' names are their authors' to choose. */
    private static final int PLACES_MAX = 16;

    private final Path folder;
    private final Map<String, Path> places = new HashMap<>();

    /** @param folder for the shim, empty and this server's alone */
    PythonZygotes(Path folder) {
        this.folder = folder;
    }

    /**
     * @param part of an image
     * @param directories of layers by digest, top first
     */
    Optional<Zygote> of(GenericPart part, Function<List<String>, List<Path>> directories) {
        ProcessSpec process = part.process();
        if (process.argv().size() != 3
                || !process.argv().getFirst().equals("python3")
                || !process.argv().getLast().equals("--generic")
                || !ENVIRONMENT.containsAll(process.env().keySet())) {
            return Optional.empty();
        }
        String program = process.argv().get(1);
        Matcher shim = SHIM.matcher(program);
        if (!shim.matches()) {
            return Optional.empty();
        }
        List<String> below = part.layers().subList(0, part.layers().size() - 1); // The last is the shim's.
        return place(shim.group(1)).map(place -> {
            List<Path> layers = new ArrayList<>(List.of(place));
            layers.addAll(directories.apply(below));
            return new Zygote(layers, List.of("python3", program, "--zygote"), process.env());
        });
    }

    /** A layer with the shim where the buildpack of this name puts it. */
    private synchronized Optional<Path> place(String buildpack) {
        Path known = places.get(buildpack);
        if (known != null || places.size() == PLACES_MAX) {
            return Optional.ofNullable(known);
        }
        try {
            Path layer = folder.resolve(buildpack);
            Shims.writePython(Files.createDirectories(
                    layer.resolve("layers").resolve(buildpack).resolve("shim")));
            places.put(buildpack, layer);
            return Optional.of(layer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
