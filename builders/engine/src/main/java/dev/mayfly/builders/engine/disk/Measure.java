package dev.mayfly.builders.engine.disk;

import dev.mayfly.runtime.disk.FileSystems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What a folder takes that others write to meanwhile. Nothing in it is opened or followed. */
public final class Measure {
    /** A tree that takes longer to walk has more files than any build needs. */
    private static final Duration WALK_MAX = Duration.ofSeconds(30);

    private static final long BEYOND_MEASURE = Long.MAX_VALUE / 4;

    private static final Path PROCESSES = Path.of("/proc");

    /** Where builds have their layers, below their root. */
    private static final String INSIDE = "layers";

    private Measure() {}

    /**
     * What a build takes, with what its processes write to files without a name.
     *
     * @param layers the folder that its processes have at {@code /layers}
     * @return empty if the folder is gone
     */
    static Optional<DiskUse> build(Path folder, Path layers) throws IOException, InterruptedException {
        return tree(folder).map(tree -> tree.plus(hidden(layers, INSIDE)));
    }

    /**
     * By {@code du}: blocks in use, not lengths; a file with several names once; whatever is deleted or made meanwhile.
     *
     * @return beyond measure if it cannot be walked in time; empty if the folder is gone
     */
    public static Optional<DiskUse> tree(Path folder) throws IOException, InterruptedException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Optional<Long> bytes = du(List.of("du", "-s", "-x", "-B1", "--", folder.toString()));
        Optional<Long> files = du(List.of("du", "-s", "-x", "--inodes", "--", folder.toString()));
        return bytes.flatMap(all -> files.map(number -> new DiskUse(all, number)));
    }

    /** Whether it is a figure, not merely "beyond measure": on a busy disk that says little of the folder. */
    public static boolean isKnown(DiskUse use) {
        return use.bytes() < BEYOND_MEASURE && use.files() < BEYOND_MEASURE;
    }

    private static Optional<Long> du(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(WALK_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.of(BEYOND_MEASURE);
            }
            String text = new String(process.getInputStream().readNBytes(4096), StandardCharsets.US_ASCII);
            String number = text.split("\\s", 2)[0];
            return number.matches("\\d{1,18}") ? Optional.of(Long.parseLong(number)) : Optional.empty();
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * What is written to files without a name, which no walk finds: those that processes have open or mapped to which this
     * folder is mounted. One that is only on its way between processes is not seen.
     *
     * @param inside where they have it, below their root
     */
    static DiskUse hidden(Path mounted, String inside) {
        Optional<FileSystems.Taken> folder = FileSystems.taken(mounted, false);
        if (folder.isEmpty()) {
            return new DiskUse(0, 0);
        }
        Set<Long> seen = new HashSet<>();
        long bytes = 0;
        for (Path process : list(PROCESSES)) {
            if (!process.getFileName().toString().matches("\\d+")
                    || !lives(process.resolve("root").resolve(inside), folder.get())) {
                continue;
            }
            for (String open : List.of("fd", "map_files")) {
                for (Path each : list(process.resolve(open))) {
                    Optional<FileSystems.Taken> file = FileSystems.taken(each, true)
                            .filter(taken -> taken.names() == 0
                                    && taken.device() == folder.get().device());
                    if (file.isPresent() && seen.add(file.get().inode())) {
                        bytes += file.get().bytes();
                    }
                }
            }
        }
        return new DiskUse(bytes, seen.size());
    }

    private static boolean lives(Path place, FileSystems.Taken folder) {
        return FileSystems.taken(place, false)
                .filter(found -> found.inode() == folder.inode() && found.device() == folder.device())
                .isPresent();
    }

    /** Empty if it is gone, or not ours to read. */
    private static List<Path> list(Path directory) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            return found;
        }
        return found;
    }
}
