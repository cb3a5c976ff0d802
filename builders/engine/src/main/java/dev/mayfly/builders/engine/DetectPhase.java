package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.builders.engine.detect.BuildPlan;
import dev.mayfly.builders.engine.detect.Buildpack;
import dev.mayfly.builders.engine.detect.PlanResolver;
import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.model.AppKind;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.RunOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Asks every buildpack whether the app is for it. All of them run in one sandbox without a network, one after the other:
 * a sandbox for each would cost more than the questions.
 */
final class DetectPhase {
    static final String NAME = "detect";
    private static final int PASSED = 0;
    private static final int NOT_MINE = 100;
    private static final int CODE_BYTES_MAX = 16;

    /** Runs each {@code bin/detect} with its own plan file and keeps exit code and output. */
    private static final String DRIVER = """
        for each in "$@"; do
          out=/layers/$each; mkdir -p "$out"
          export CNB_BUILDPACK_DIR=/cnb/buildpacks/$each CNB_BUILD_PLAN_PATH=$out/plan.toml
          : > "$CNB_BUILD_PLAN_PATH"
          "$CNB_BUILDPACK_DIR/bin/detect" /platform "$CNB_BUILD_PLAN_PATH" > "$out/output" 2>&1 < /dev/null
          echo $? > "$out/code"
        done
        """;

    private final EngineConfig config;
    private final EngineParts parts;

    DetectPhase(EngineConfig config, EngineParts parts) {
        this.config = config;
        this.parts = parts;
    }

    List<PlanResolver.Chosen> run(Job job) throws BuildFailure, IOException, InterruptedException {
        job.output().phase(NAME);
        List<Buildpack> all = parts.order().buildpacks();
        Path folder = Objects.requireNonNull(all.getFirst().directory().getParent());
        Trees.own(job.folder().detect(), parts.sandbox().uid());
        List<String> argv = new ArrayList<>(List.of("/bin/bash", "-p", "-c", DRIVER, "detect"));
        all.forEach(each -> argv.add(String.valueOf(each.directory().getFileName())));
        Map<String, String> env = new TreeMap<>(job.environment(parts));
        RunOutcome outcome = parts.sandbox()
                .run(
                        new BuildSandbox.Command(
                                job.sandboxId(NAME),
                                job.request().app().tenant().value(),
                                List.of(parts.base().build()),
                                job.folder().mounts(folder, true),
                                argv,
                                env,
                                "/workspace",
                                false,
                                config.memoryMib(),
                                config.detectTimeout()),
                        job.output()::detail);
        BuildFailure.require(outcome, NAME, "Detection");
        return choose(job, all);
    }

    /** Nothing of detection runs any more. What it left is the app's word, as is the tree that it looked at. */
    private List<PlanResolver.Chosen> choose(Job job, List<Buildpack> all) throws BuildFailure, IOException {
        Map<Buildpack, BuildPlan> passed = new LinkedHashMap<>();
        List<String> said = new ArrayList<>();
        try (ForeignTree tree = ForeignTree.open(job.folder().detect())) {
            for (Buildpack each : all) {
                String out = each.directory().getFileName() + "/";
                int code = tree.text(out + "code", CODE_BYTES_MAX)
                        .map(String::strip)
                        .filter(text -> text.matches("\\d{1,3}"))
                        .map(Integer::parseInt)
                        .orElse(255);
                if (code == PASSED) {
                    Optional<String> plan = tree.text(out + "plan.toml", BuildLimits.TOML_BYTES_MAX);
                    passed.put(each, plan(each, plan.orElse("")));
                    continue;
                }
                String output = tree.text(out + "output", BuildLimits.DETECT_OUTPUT_BYTES_MAX)
                        .orElse("")
                        .strip();
                if (code != NOT_MINE || !output.isEmpty()) {
                    said.add(each.id() + (code == NOT_MINE ? ": " : " failed with exit code " + code + ": ") + output);
                }
            }
        }
        Optional<List<PlanResolver.Chosen>> chosen = PlanResolver.resolve(parts.order(), passed);
        if (chosen.isEmpty()) {
            said.forEach(line -> line.lines().forEach(job.output()::warning));
            throw new BuildFailure(
                    ErrorCode.BUILD_NO_BUILDPACK,
                    NAME,
                    nothingFits(job.manifest().spec().kind(), all));
        }
        return chosen.get();
    }

    private static BuildPlan plan(Buildpack buildpack, String text) throws BuildFailure {
        try {
            return BuildPlan.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BuildFailure(ErrorCode.BUILD_FAILED, NAME, buildpack.id() + ": " + e.getMessage());
        }
    }

    /** What an app of this kind could have, as each buildpack says. */
    private static String nothingFits(AppKind kind, List<Buildpack> all) {
        String expected = all.stream()
                .flatMap(each -> Optional.ofNullable(each.expects().get(kind)).stream())
                .distinct()
                .collect(Collectors.joining(", "));
        return "No language was found for this " + (kind == AppKind.FUNCTION ? "function" : "app")
                + " (expected one of: " + expected + ").";
    }
}
