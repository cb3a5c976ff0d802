package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildEngine;
import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.api.BuildRequest;
import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.builders.engine.detect.PlanResolver;
import dev.mayfly.builders.engine.disk.BuildDisks;
import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.engine.manifest.Manifest;
import dev.mayfly.builders.engine.manifest.ManifestReader;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.disk.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds images with buildpacks: source, detect, toolchains, restore, build, export. The caller sees to it that one app has
 * at most one build at a time; builds of different apps run side by side.
 */
public final class Engine implements BuildEngine {
    private static final Logger log = LoggerFactory.getLogger(Engine.class);
    private static final String SOURCE = "source";

    /** How ids of builds begin, and so the names of their folders. */
    private static final String BUILD = "bld_";

    private final EngineParts parts;
    private final EngineConfig config;
    private final Caches caches;
    private final BuildTurns turns;
    private final BuildDisks disks;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final DetectPhase detect;
    private final ShimLayers shims;
    private final BuildPhase build;
    private final ExportPhase export;

    public Engine(EngineConfig config, EngineParts parts) {
        this.parts = parts;
        this.config = config;
        this.caches = new Caches(parts.caches());
        this.turns = new BuildTurns(
                HeapShare.parallel(config.parallel(), Runtime.getRuntime().maxMemory()), config.waiting());
        this.disks = new BuildDisks(parts.space(), config.diskUse());
        this.detect = new DetectPhase(config, parts);
        this.shims = new ShimLayers(config, parts);
        this.build = new BuildPhase(config, parts);
        this.export = new ExportPhase(config, parts, caches);
    }

    @Override
    public BuildResult build(BuildRequest request, BuildOutput output) throws InterruptedException {
        parts.space().require();
        Path place = parts.builds().resolve(request.id());
        try (BuildTurns.Turn _ = turns.take(output)) {
            return build(request, new LimitedOutput(output), place);
        }
    }

    private BuildResult build(BuildRequest request, LimitedOutput output, Path place) throws InterruptedException {
        BuildDisks.Watch disk = disks.watch(place, new BuildFolder(place).layers());
        underWay.add(request.id());
        try (ImageStore.Hold _ = parts.images().hold()) {
            BuildFolder folder = BuildFolder.create(place);
            try {
                return phases(request, output, folder, disk);
            } catch (BuildFailure | RuntimeException | IOException | InterruptedException e) {
                Optional<BuildDisks.Excess> excess = disk.end();
                if (excess.isPresent()) {
                    ErrorCode code = excess.get().code();
                    return new BuildResult.Failed(
                            code,
                            code == ErrorCode.BUILD_TIMEOUT ? ExportPhase.NAME : BuildPhase.NAME,
                            excess.get().reason());
                }
                return failed(e);
            } finally {
                disk.end(); // Else it could interrupt what follows.
                folder.delete();
            }
        } catch (IOException e) {
            // A build may have filled the disk between two looks at it.
            parts.space().require();
            throw new MayflyException(ErrorCode.INTERNAL, "Build " + request.id() + ": " + e, e);
        } finally {
            disk.end();
            underWay.remove(request.id());
        }
    }

    private static BuildResult failed(Exception failure) throws IOException, InterruptedException {
        return switch (failure) {
            case BuildFailure known -> known.result();
            // What the build has left cannot be taken.
            case MayflyException known
            when known.code() == ErrorCode.BUILD_FAILED ->
                new BuildResult.Failed(known.code(), BuildPhase.NAME, known.detail());
            case RuntimeException ours -> throw ours;
            case IOException io -> throw io;
            case InterruptedException cancelled -> throw cancelled;
            default -> throw new IllegalStateException(failure);
        };
    }

    /**
     * Deletes the folders of builds that are not under way: of a server that was killed, or one that could not be deleted.
     * Only when no sandbox of a predecessor runs any more. Returns how many.
     */
    public int deleteAbandoned() throws IOException {
        int deleted = 0;
        if (Files.isDirectory(parts.builds())) {
            try (Stream<Path> all = Files.list(parts.builds())) {
                for (Path each : all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                        .toList()) {
                    String id = each.getFileName().toString();
                    if (id.startsWith(BUILD) && !underWay.contains(id)) {
                        deleted += delete(each) ? 1 : 0;
                    }
                }
            }
        }
        return deleted;
    }

    private static boolean delete(Path abandoned) {
        try {
            Trees.delete(abandoned);
            return true;
        } catch (IOException e) {
            log.atWarn().addKeyValue("folder", abandoned).setCause(e).log("A build's folder could not be deleted");
            return false;
        }
    }

    /** Deletes caches of apps that were not built for {@code build.cache-time}, and all of them while the disk is nearly full. */
    public int deleteOldCaches(Instant now) throws IOException {
        return caches.deleteOlder(
                now.minus(config.cacheTime()), () -> parts.space().level() != DiskSpace.Level.ROOMY);
    }

    private BuildResult phases(BuildRequest request, BuildOutput output, BuildFolder folder, BuildDisks.Watch watch)
            throws BuildFailure, IOException, InterruptedException {
        output.phase(SOURCE);
        request.source().exportTo(folder.workspace());
        Manifest manifest = manifest(folder);
        for (Map.Entry<String, String> each : request.config().entrySet()) {
            Files.writeString(folder.platform().resolve("env").resolve(each.getKey()), each.getValue());
        }
        Trees.copy(parts.networkFiles(), folder.platform().resolve("network"));
        Trees.own(folder.workspace(), parts.sandbox().uid());
        Trees.own(folder.platform(), parts.sandbox().uid());
        Job job = new Job(request, output, folder, manifest);
        List<PlanResolver.Chosen> chosen = detect.run(job);
        for (PlanResolver.Chosen each : chosen) {
            output.step("Using " + each.buildpack().name());
        }
        ToolchainPhase.Chosen toolchains = ToolchainPhase.run(job, chosen, parts.toolchains());
        build.restore(job, chosen, caches);
        Optional<BuildPhase.Shimmed> shim = shim(job, chosen, toolchains.launch());
        BuildPhase.Made made = build.run(job, chosen, toolchains.all(), shim);
        watch.endAfter(
                config.timeout(),
                new BuildDisks.Excess(
                        ErrorCode.BUILD_TIMEOUT,
                        "Making the image took longer than " + config.timeout().toMinutes()
                                + " minutes (build.timeout)."));
        BuildResult.Built built = export.run(job, made, toolchains.launch(), language(chosen, toolchains.all()), shim);
        log.atInfo()
                .addKeyValue("build", request.id())
                .addKeyValue("app", request.app())
                .addKeyValue("image", built.image())
                .log("Built");
        return built;
    }

    private Optional<BuildPhase.Shimmed> shim(Job job, List<PlanResolver.Chosen> chosen, List<Toolchain> toolchains)
            throws IOException, InterruptedException {
        for (PlanResolver.Chosen each : chosen) {
            if (each.buildpack().shimProgram().isPresent()) {
                return Optional.of(
                        new BuildPhase.Shimmed(each.buildpack(), shims.of(job, each.buildpack(), toolchains)));
            }
        }
        return Optional.empty();
    }

    /** The first buildpack's that has one, with the versions of toolchains where it names them. */
    private static String language(List<PlanResolver.Chosen> chosen, List<Toolchain> toolchains) {
        String language = chosen.stream()
                .map(each -> each.buildpack().language())
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
        for (Toolchain each : toolchains) {
            language = language.replace("{" + each.name() + "}", each.version());
        }
        return language;
    }

    private Manifest manifest(BuildFolder folder) throws BuildFailure, IOException {
        Optional<String> text;
        try (ForeignTree tree = ForeignTree.open(folder.workspace())) {
            text = tree.text(ManifestReader.FILE, BuildLimits.TOML_BYTES_MAX);
        }
        try {
            return text.isPresent() ? ManifestReader.read(text.get(), parts.runtimeClasses()) : Manifest.DEFAULTS;
        } catch (MayflyException e) {
            throw new BuildFailure(e.code(), SOURCE, e.detail());
        }
    }

    @Override
    public void forget(AppRef app) {
        try {
            caches.forget(app);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
