package dev.mayfly.builders.engine.base;

import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.image.LayerStore;
import dev.mayfly.builders.image.TiedCommand;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private static final String RUN_PACKAGES =
            "bash,ca-certificates,curl,libatomic1,python3,python3-venv,tzdata,unzip,xz-utils";
    private static final String BUILD_PACKAGES = RUN_PACKAGES + ",build-essential,git,libpq-dev,pkg-config,python3-dev";

    /** Changes with the recipe, so that an old image is not taken for a new one. */
    private static final String RECIPE = "2";

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
                Future<?> run = both.submit(() -> make(home, "run", RUN_PACKAGES, progress));
                make(home, "build", BUILD_PACKAGES, progress);
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

    private @Nullable Void make(Path home, String name, String packages, Consumer<String> progress)
            throws IOException, InterruptedException {
        Path root = home.resolve(name);
        if (Files.exists(root)) {
            return null;
        }
        progress.accept("Making the " + name + " image: Debian " + config.suite() + " by mmdebstrap (once)");
        Path tar = home.resolve(name + ".tar");
        Path part = home.resolve(name + ".part");
        // What it leaves here when it is killed is not lost: the next attempt finds and deletes it.
        Path temp = home.resolve(name + ".temp");
        Trees.delete(part);
        Trees.delete(temp);
        Files.createDirectories(part);
        Files.createDirectories(temp);
        List<String> command = new ArrayList<>(List.of(
                "mmdebstrap",
                "--mode=root",
                "--variant=minbase",
                "--quiet",
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--include=" + packages,
                config.suite(),
                tar.toString()));
        config.mirror().or(HostMirror::find).ifPresent(command::add);
        if (config.staleSuites().contains(config.suite())) {
            command.add(command.indexOf("--quiet"), "--aptopt=Acquire::Check-Valid-Until \"false\"");
        }
        run(command, temp);
        run(
                List.of(
                        "tar",
                        "-x",
                        "-C",
                        part.toString(),
                        "--numeric-owner",
                        "--exclude=./dev/*",
                        "-f",
                        tar.toString()),
                temp);
        Files.delete(tar);
        Trees.delete(temp);
        Files.move(part, root, StandardCopyOption.ATOMIC_MOVE);
        return null;
    }

    private static Layer layer(Path home, LayerStore layers) throws IOException {
        return layers.link(home.resolve("run"), home.resolve("run.layer"));
    }

    private void run(List<String> command, Path temp) throws IOException, InterruptedException {
        Path log = Files.createTempFile("mayfly-base", ".log");
        ProcessBuilder builder = TiedCommand.builder(TiedCommand.contained(command), environment)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("TMPDIR", temp.toString());
        Process process = TiedCommand.start(builder);
        try {
            int code = process.waitFor();
            if (code == TiedCommand.NOT_FOUND) {
                throw new MayflyException(
                        ErrorCode.CONFIG_INVALID,
                        command.getFirst() + ": cannot be started (expected: installed; ./mayfly doctor says how)");
            }
            if (code != 0) {
                List<String> lines = Files.readAllLines(log);
                String last = String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
                throw new MayflyException(
                        ErrorCode.INTERNAL,
                        "The base image could not be made; " + command.getFirst() + " ended with " + code + ":\n"
                                + last);
            }
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(log);
        }
    }
}
