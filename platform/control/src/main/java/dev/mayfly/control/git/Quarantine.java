package dev.mayfly.control.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the objects of one push lie until it is accepted: a folder of its own, {@code <app>.git/incoming/<random>}, which reads
 * the app's repository behind it. Only {@link #accept} brings them into the repository; whatever else happens, they go with the
 * folder. If the server dies meanwhile, its next start removes it, or accepts it if the release of that push was live already
 * ({@link Repositories#reconcile}).
 */
final class Quarantine implements AutoCloseable {
    static final String FOLDER = "incoming";

    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);

    private final Path repository;
    private final Path folder;
    private final FileRepository view;
    private boolean kept;

    private Quarantine(Path repository, Path folder) throws IOException {
        this.repository = repository;
        this.folder = folder;
        FileRepositoryBuilder builder = new FileRepositoryBuilder();
        builder.setGitDir(repository.toFile());
        builder.setBare();
        builder.setObjectDirectory(folder.toFile());
        builder.addAlternateObjectDirectory(objects(repository).toFile());
        this.view = new FileRepository(builder.setup());
    }

    /** For a new push to this repository. */
    static Quarantine create(Path repository) throws IOException {
        Path folder = Files.createTempDirectory(Files.createDirectories(repository.resolve(FOLDER)), "push-");
        Files.createDirectory(folder.resolve("pack"));
        return new Quarantine(repository, folder);
    }

    /**
     * Brings the push with this commit, which a server that died has left, into the repository, which lacks it.
     *
     * @return whether there is one
     */
    static boolean acceptLeft(Path repository, ObjectId commit) throws IOException {
        Path all = repository.resolve(FOLDER);
        if (Files.notExists(all)) {
            return false;
        }
        List<Path> pushes;
        try (Stream<Path> each = Files.list(all)) {
            pushes = each.toList();
        }
        for (Path push : pushes) {
            try (Quarantine quarantine = new Quarantine(repository, push)) {
                if (quarantine.view.getObjectDatabase().has(commit)) {
                    quarantine.accept();
                    return true;
                }
            }
        }
        return false;
    }

    /** The repository with the objects of this push; its refs are the app's own. */
    FileRepository repository() {
        return view;
    }

    /** Folder of finished packs. */
    Path packs() {
        return folder.resolve("pack");
    }

    /** A file for what arrives. */
    Path arriving() {
        return folder.resolve("arriving");
    }

    /**
     * Brings the objects into the app's repository, durably: packs before their indexes, as only an index makes a pack visible.
     * They stay here as well, for who reads them at the moment. Twice is as good as once.
     */
    void accept() throws IOException {
        List<Path> indexes;
        try (Stream<Path> all = Files.list(packs())) {
            indexes = all.filter(file -> file.toString().endsWith(".idx")).toList();
        }
        if (indexes.isEmpty()) {
            return; // The commit was known already.
        }
        Path to = Files.createDirectories(objects(repository).resolve("pack"));
        synchronized (Quarantine.class) { // The same objects may come twice at once.
            for (Path index : indexes) {
                link(index, to.resolve(index.getFileName()));
            }
        }
        sync(to);
    }

    /** A pack's name says which objects are in it, not in which form; so a pack is replaced that has no index of its own. */
    private static void link(Path index, Path to) throws IOException {
        if (Files.notExists(to)) {
            Path pack = packOf(to);
            Files.deleteIfExists(pack);
            Files.createLink(pack, packOf(index));
            Files.createLink(to, index);
        }
    }

    private static Path packOf(Path index) {
        return index.resolveSibling(index.getFileName().toString().replaceFirst("idx$", "pack"));
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** It could not be accepted although its release serves: the next start tries again. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        view.close();
        if (kept) {
            return;
        }
        try {
            Repositories.deleteTree(folder);
        } catch (IOException | UncheckedIOException e) {
            log.atWarn()
                    .addKeyValue("folder", folder)
                    .setCause(e)
                    .log("What a push left could not be removed; the next start does it");
        }
    }

    private static Path objects(Path repository) {
        return repository.resolve("objects");
    }
}
