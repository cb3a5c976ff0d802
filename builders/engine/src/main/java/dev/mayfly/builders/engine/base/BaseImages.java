package dev.mayfly.builders.engine.base;

import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.image.LayerStore;
import dev.mayfly.builders.image.TiedCommand;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes base images from Debian's packages with mmdebstrap, once for each machine and recipe. They may be shared by several
 * servers: a lock file lets one make them and the others wait.
 */
public final class BaseImages {
    /** Changes with what is in them, so that an old image is not taken for a new one. */
    private static final String RECIPE = "2";

    /** How one is made. A script, because ./mayfly up runs it too, before there is a server. */
    private static final String SCRIPT = "base-image-" + RECIPE + ".sh";

    private final BaseConfig config;
    private final Map<String, String> environment;

    /** @param environment of apt, besides that of this process: its proxies */
    public BaseImages(BaseConfig config, Map<String, String> environment) {
        this.config = config;
        this.environment = Map.copyOf(environment);
    }

    /** Makes what is missing, with progress for the person who waits, and says where it is. */
    public Base prepare(LayerStore layers, Consumer<String> progress) throws IOException, InterruptedException {
        Path home = config.folder()
                .resolve("debian-" + config.suite() + "-" + RECIPE)
                .toAbsolutePath();
        Files.createDirectories(home);
        try (FileChannel channel =
                        FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lock(channel, progress)) {
            try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<?> run = both.submit(() -> make(home, "run", progress));
                make(home, "build", progress);
                run.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof MayflyException known) {
                    throw known;
                }
                throw new IOException(e.getCause());
            }
            return new Base(layer(home, layers), home.resolve("build"));
        }
    }

    /**
     * Nothing, for a machine without privileges: builds and apps run as its own processes and find its own programs.
     *
     * @param folder where the empty directory lies that stands for both images
     */
    public static Base none(Path folder, LayerStore layers) throws IOException {
        Path empty = Files.createDirectories(folder.resolve("none").toAbsolutePath());
        return new Base(layers.link(empty), empty);
    }

    private static FileLock lock(FileChannel channel, Consumer<String> progress) throws IOException {
        FileLock lock = channel.tryLock();
        if (lock == null) {
            progress.accept("Waiting for another server that makes the base images");
            lock = channel.lock();
        }
        return lock;
    }

    private @Nullable Void make(Path home, String name, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (Files.exists(home.resolve(name))) {
            return null;
        }
        progress.accept("Making the " + name + " image: Debian " + config.suite() + " by mmdebstrap (once)");
        run(List.of(
                "sh",
                "-c",
                script(),
                SCRIPT,
                home.toString(),
                name,
                config.suite(),
                config.mirror().or(HostMirror::find).orElse(""),
                config.staleSuites().contains(config.suite()) ? "Acquire::Check-Valid-Until \"false\"" : ""));
        return null;
    }

    private static String script() throws IOException {
        try (InputStream text = BaseImages.class.getResourceAsStream(SCRIPT)) {
            return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Layer layer(Path home, LayerStore layers) throws IOException {
        return layers.link(home.resolve("run"), home.resolve("run.layer"));
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile("mayfly-base", ".log");
        ProcessBuilder builder = TiedCommand.builder(TiedCommand.contained(command), environment)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Process process = TiedCommand.start(builder);
        try {
            int code = process.waitFor();
            if (code == TiedCommand.NOT_FOUND) {
                throw new MayflyException(
                        ErrorCode.CONFIG_INVALID,
                        "mmdebstrap: cannot be started (expected: installed; ./mayfly doctor says how)");
            }
            if (code != 0) {
                List<String> lines = Files.readAllLines(log);
                String last = String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
                throw new MayflyException(
                        ErrorCode.INTERNAL,
                        "The base image could not be made; mmdebstrap ended with " + code + ":\n" + last);
            }
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(log);
        }
    }
}
