package dev.mayfly.builders.toolchains.host;

import dev.mayfly.builders.image.Trees;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.builders.toolchains.Toolchains;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Toolchains in one folder, {@code <name>-<version>/} each. A version is fetched once, by one server, into a directory beside
 * it and appears whole. What is here needs no network.
 */
public final class HostToolchains implements Toolchains {
    /** Versions of one toolchain. */
    static final int VERSIONS_MAX = 24;

    private final Path folder;
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final ReentrantLock fetching = new ReentrantLock();

    HostToolchains(Path folder, List<Source> sources) {
        this.folder = folder.toAbsolutePath();
        sources.forEach(each -> this.sources.put(each.name(), each));
    }

    /**
     * Those of a base image. A new toolchain is a class and a line here; where the machine's own differs, another below.
     *
     * @param folder may be shared by several servers of this machine
     * @param environment of this machine's package clients, besides that of this process
     */
    public static HostToolchains open(
            Path folder, Downloads downloads, DebianPackages debian, Map<String, String> environment)
            throws IOException {
        return open(
                folder,
                new NodeSource(environment),
                new PythonSource(debian),
                new JdkSource(debian),
                new MavenSource(downloads),
                new GoSource(downloads));
    }

    /**
     * For a machine without privileges, where apps run as its own processes: its own Python and JDK, as no packages of Debian
     * can be unpacked and there is no base image.
     */
    public static HostToolchains ofMachine(Path folder, Downloads downloads, Map<String, String> environment)
            throws IOException {
        return open(
                folder,
                new NodeSource(environment),
                new MachinePython(),
                new MachineJdk(),
                new MavenSource(downloads),
                new GoSource(downloads));
    }

    private static HostToolchains open(Path folder, Source... sources) throws IOException {
        Files.createDirectories(folder);
        return new HostToolchains(folder, List.of(sources));
    }

    @Override
    public Set<String> names() {
        return sources.keySet();
    }

    @Override
    public Toolchain resolve(String name, Optional<String> range, Consumer<String> progress)
            throws InterruptedException {
        Source source = sources.get(name);
        if (source == null) {
            throw new MayflyException(ErrorCode.BUILD_VERSION_UNAVAILABLE, name + ": not a toolchain of Mayfly.");
        }
        try {
            Optional<String> version = source.choose(range);
            if (version.isEmpty()) {
                throw new MayflyException(
                        ErrorCode.BUILD_VERSION_UNAVAILABLE,
                        name + " '" + range.orElse("") + "' cannot be had here (available: "
                                + String.join(", ", source.available()) + ").");
            }
            return provide(source, version.get(), progress);
        } catch (IOException e) {
            throw new MayflyException(ErrorCode.INTERNAL, name + " could not be fetched: " + e.getMessage(), e);
        }
    }

    private Toolchain provide(Source source, String version, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (!version.matches("[0-9A-Za-z][0-9A-Za-z.+_-]{0,60}")) {
            throw new IOException("version '" + version + "' is no version");
        }
        Path root = folder.resolve(source.name() + "-" + version);
        String inside = "/cnb/toolchains/" + source.name() + "/" + version;
        Toolchain toolchain = new Toolchain(source.name(), version, root, inside, source.env(inside));
        if (Files.isDirectory(root)) {
            return toolchain;
        }
        fetching.lockInterruptibly();
        try (FileChannel channel =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (!Files.isDirectory(root)) {
                limit(source, version);
                progress.accept("Fetching " + source.name() + " " + version + " (once for this machine)");
                fetch(source, version, root, inside);
            }
        } finally {
            fetching.unlock();
        }
        return toolchain;
    }

    /**
     * Apps name versions, and what is fetched stays, as images may stand on it: not as many as there are. The newest of each
     * line always comes, so that nobody can keep others from the next release by naming old ones.
     */
    private void limit(Source source, String version) throws IOException, InterruptedException {
        List<String> here = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.toList()) {
                String name = String.valueOf(each.getFileName());
                if (name.startsWith(source.name() + "-") && !name.endsWith(".layer")) {
                    here.add(name.substring(source.name().length() + 1));
                }
            }
        }
        if (here.size() >= VERSIONS_MAX && !source.available().contains(version)) {
            here.sort(null);
            throw new MayflyException(
                    ErrorCode.BUILD_VERSION_UNAVAILABLE,
                    source.name() + ": this server keeps at most " + VERSIONS_MAX + " versions (here: "
                            + String.join(", ", here) + ").");
        }
    }

    private void fetch(Source source, String version, Path root, String inside)
            throws IOException, InterruptedException {
        Path work = folder.resolve("part-" + source.name());
        Trees.delete(work);
        try {
            Path made = work.resolve("root");
            Path target = made.resolve(inside.substring(1));
            Files.createDirectories(target);
            source.fetch(version, new Source.Place(made, target, Files.createDirectories(work.resolve("temp"))));
            Trees.share(made);
            Files.move(made, root, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Trees.delete(work);
        }
    }
}
