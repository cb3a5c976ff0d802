package dev.mayfly.builders.engine;

import dev.mayfly.builders.engine.detect.Generic;
import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.model.ProcessSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The generic part of a function's image, from what the engine knows: its base, toolchains and shim, and the buildpack's own
 * words. Nothing that a build has left is read for it.
 */
record GenericRecipe(Generic generic, ShimLayers.Shim shim, int memoryMib) {
    /**
     * @param below base and toolchains, base first
     * @param toolchains those of {@code below}
     * @param common environment that base and toolchains need
     * @return empty if the shim lacks what such a start needs, or the image the toolchain
     */
    Optional<GenericPart> cook(
            List<Layer> below, List<Toolchain> toolchains, Map<String, String> common, String workingDir) {
        Optional<Toolchain> toolchain = toolchains.stream()
                .filter(each -> each.name().equals(generic.toolchain()))
                .findFirst();
        if (toolchain.isEmpty() || !shim.files().containsAll(generic.needs())) {
            return Optional.empty();
        }
        List<String> digests = new ArrayList<>();
        below.forEach(each -> digests.add(each.digest()));
        digests.add(shim.layer().digest());
        List<String> argv = new ArrayList<>();
        argv.add(toolchain.get().insidePath() + "/" + generic.program());
        generic.arguments().stream().filter(this::has).map(this::filled).forEach(argv::add);
        Map<String, String> env = new TreeMap<>(common);
        env.putAll(generic.env());
        return Optional.of(new GenericPart(digests, new ProcessSpec(argv, env, workingDir)));
    }

    private boolean has(String argument) {
        int file = argument.indexOf("{shim}/");
        return file < 0 || shim.files().contains(argument.substring(file + "{shim}/".length()));
    }

    private String filled(String argument) {
        return argument.replace("{shim}", "/" + shim.inside()).replace("{memory}", String.valueOf(memoryMib));
    }
}
