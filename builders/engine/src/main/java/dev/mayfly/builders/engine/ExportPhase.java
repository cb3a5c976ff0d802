package dev.mayfly.builders.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.engine.layers.BuiltLayer;
import dev.mayfly.builders.engine.layers.LaunchFile;
import dev.mayfly.builders.engine.layers.LayerEnv;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.builders.image.ImageRun;
import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.image.LayerAllowance;
import dev.mayfly.builders.image.LayerStore;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ProcessSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Makes the image: base, toolchains, layers of the buildpacks, the app. Also keeps what the next build may use. */
final class ExportPhase {
    static final String NAME = "export";
    private static final String WEB = "web";
    private static final String APP = "/workspace";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final EngineConfig config;
    private final EngineParts parts;
    private final Caches caches;

    ExportPhase(EngineConfig config, EngineParts parts, Caches caches) {
        this.config = config;
        this.parts = parts;
        this.caches = caches;
    }

    /** @param shim with the buildpack whose it is, if the app is a function that has one */
    BuildResult.Built run(
            Job job,
            BuildPhase.Made made,
            List<Toolchain> toolchains,
            String language,
            Optional<BuildPhase.Shimmed> shim)
            throws BuildFailure, IOException {
        job.output().phase(NAME);
        Map<String, ProcessSpec> processes = processes(job, made, toolchains);
        ProcessSpec web = processes.get(WEB);
        if (web == null) {
            throw new BuildFailure(
                    ErrorCode.BUILD_NO_PROCESS,
                    NAME,
                    "Nothing says how to start the app (expected: a start script in package.json, a main program, or a"
                            + " Procfile with a line 'web: command').");
        }
        LayerStore store = parts.images().layerStore();
        List<Layer> layers = new ArrayList<>();
        layers.add(parts.base().run());
        for (Toolchain each : toolchains) {
            layers.add(ToolchainPhase.layer(each, store));
        }
        List<Layer> below = List.copyOf(layers);
        shim.ifPresent(each -> layers.add(each.shim().layer()));
        LayerAllowance allowance = config.layers();
        long size = 0;
        for (BuiltLayer each : made.layers()) {
            if (each.launch()) {
                Layer layer = store.take(each.content(), each.inside(), each.cache(), allowance);
                size += layer.sizeBytes();
                layers.add(layer);
            }
        }
        Layer app = store.take(job.folder().workspace(), APP.substring(1), false, allowance);
        size += app.sizeBytes();
        layers.add(app);
        Optional<GenericPart> generic = shim.flatMap(each -> each.generic()
                .flatMap(how -> new GenericRecipe(
                                how, each.shim(), job.manifest().spec().limits().memoryMib())
                        .cook(below, toolchains, environment(job, toolchains), APP)));
        ImageRun run = new ImageRun(web.argv(), web.env(), web.workingDir(), labels(made, language));
        String image = parts.images().add(run, layers, generic);
        caches.keep(
                job.request().app(),
                made.layers().stream().filter(BuiltLayer::cache).toList());
        return new BuildResult.Built(image, processes, job.manifest().spec(), size, language);
    }

    private static Map<String, ProcessSpec> processes(Job job, BuildPhase.Made made, List<Toolchain> toolchains)
            throws BuildFailure, IOException {
        Map<String, ProcessSpec> processes = new HashMap<>();
        long characters = 0;
        for (Map.Entry<String, LaunchFile.Start> each : made.processes().entrySet()) {
            Map<String, String> env = environment(job, toolchains);
            addForLaunch(job, made, each.getKey(), env);
            characters +=
                    each.getValue().argv().stream().mapToLong(String::length).sum();
            for (Map.Entry<String, String> variable : env.entrySet()) {
                characters += variable.getKey().length() + variable.getValue().length();
            }
            if (characters > BuildLimits.PROCESSES_CHARACTERS_MAX) {
                throw new BuildFailure(
                        ErrorCode.BUILD_FAILED,
                        NAME,
                        "processes: more than " + BuildLimits.PROCESSES_CHARACTERS_MAX
                                + " characters of arguments and environments (expected: at most that)");
            }
            String dir = each.getValue().workingDir();
            String workingDir = dir.isEmpty() ? APP : dir.startsWith("/") ? dir : APP + "/" + dir;
            processes.put(each.getKey(), new ProcessSpec(each.getValue().argv(), env, workingDir));
        }
        return processes;
    }

    private static void addForLaunch(Job job, BuildPhase.Made made, String process, Map<String, String> env)
            throws BuildFailure, IOException {
        try (ForeignTree tree = ForeignTree.open(job.folder().layers())) {
            for (BuiltLayer layer : made.layers()) {
                if (layer.launch()) {
                    LayerEnv.addForLaunch(tree, layer, process, env);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new BuildFailure(ErrorCode.BUILD_FAILED, NAME, "process '" + process + "': " + e.getMessage());
        }
    }

    /** What every process on the base and these toolchains needs. */
    private static Map<String, String> environment(Job job, List<Toolchain> toolchains) {
        Map<String, String> env = new TreeMap<>(job.launchEnvironment());
        for (Toolchain toolchain : toolchains) {
            env.put("PATH", toolchain.insidePath() + "/bin:" + env.get("PATH"));
            env.putAll(toolchain.env());
        }
        return env;
    }

    /** Those of the build, none of which begins as ours do, and ours. */
    private static Map<String, String> labels(BuildPhase.Made made, String language) {
        Map<String, String> labels = new TreeMap<>(made.labels());
        Map<String, List<String>> commands = new TreeMap<>();
        made.processes().forEach((type, start) -> commands.put(type, start.argv()));
        try {
            labels.put(LaunchFile.OWN_LABELS + "language", language);
            labels.put(LaunchFile.OWN_LABELS + "processes", Objects.requireNonNull(JSON.writeValueAsString(commands)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of strings is always JSON", e);
        }
        return labels;
    }
}
