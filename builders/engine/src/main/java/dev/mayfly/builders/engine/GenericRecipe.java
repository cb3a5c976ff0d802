package dev.mayfly.builders.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.builders.image.Layer;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ProcessSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a function's buildpack says of its generic runtime, as the label {@value GenericPart#LABEL} of its launch.toml:
 * {@code {"layer": "/layers/<buildpack>/<name>", "argv": […], "env": {…}}}. The layer is the shim's; base and toolchains join
 * it below. Whoever says so may be anybody's buildpack: digests and command make the runtime's key, so nobody can stand in for
 * another.
 *
 * @param layer where the shim lies in images
 * @param env besides what the base and the toolchains need
 */
record GenericRecipe(String layer, List<String> argv, Map<String, String> env) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static GenericRecipe parse(String label) throws BuildFailure {
        JsonNode node;
        try {
            node = JSON.readTree(label);
        } catch (JsonProcessingException e) {
            throw wrong("'" + label + "' (expected: JSON)");
        }
        List<String> argv = new ArrayList<>();
        node.path("argv").forEach(each -> argv.add(each.asText()));
        if (argv.isEmpty()) {
            throw wrong("argv: empty (expected: a program)");
        }
        Map<String, String> env = new TreeMap<>();
        node.path("env")
                .properties()
                .forEach(each -> env.put(each.getKey(), each.getValue().asText()));
        return new GenericRecipe(node.path("layer").asText(), argv, env);
    }

    /**
     * @param below base and toolchains, base first
     * @param own the buildpacks' layers, by where they lie in the image
     * @param common environment that base and toolchains need
     */
    GenericPart cook(List<Layer> below, Map<String, Layer> own, Map<String, String> common, String workingDir)
            throws BuildFailure {
        Layer shim = own.get(layer);
        if (shim == null) {
            throw wrong("layer: '" + layer + "' (expected: a launch layer of this build)");
        }
        List<String> digests = new ArrayList<>();
        below.forEach(each -> digests.add(each.digest()));
        digests.add(shim.digest());
        Map<String, String> all = new TreeMap<>(common);
        all.putAll(env);
        return new GenericPart(digests, new ProcessSpec(argv, all, workingDir));
    }

    private static BuildFailure wrong(String what) {
        return new BuildFailure(
                ErrorCode.BUILD_FAILED, ExportPhase.NAME, "launch.toml, label " + GenericPart.LABEL + ": " + what);
    }
}
