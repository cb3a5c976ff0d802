package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.WindowCacheConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bare repositories, {@code <tenant>/<app>.git}, and who uses them. They are made at the first push, hold accepted pushes
 * only, and go with their app.
 */
public final class Repositories implements AutoCloseable {
    /** Branches that deploy. */
    static final List<String> BRANCHES = List.of("refs/heads/main", "refs/heads/master");

    private static final Logger log = LoggerFactory.getLogger(Repositories.class);

    /** Cannot be a tenant's name. */
    private static final String DELETED = ".deleted";

    private static final String SUFFIX = ".git";

    private static final Duration DELETE_WAIT = Duration.ofSeconds(30);

    /** @param bytes of all packs and their indexes */
    record Size(long bytes, long objects, int packs) {}

    private final Path folder;
    private final GitConfig config;
    private final GitJobs jobs;
    private final Gates gates = new Gates();
    private final Set<AppRef> garbage = ConcurrentHashMap.newKeySet();

    public Repositories(Path folder, GitConfig config) {
        this.folder = folder;
        this.config = config;
        this.jobs = new GitJobs(config.pushesMax(), config.fetchesMax());
        WindowCacheConfig cache = new WindowCacheConfig();
        // What is larger lies in a pack whole, so that it can be streamed: see PackLimits.
        cache.setStreamFileThreshold(config.pack().deltaBytesMax());
        cache.setExposeStatsViaJmx(false);
        cache.install();
    }

    GitConfig config() {
        return config;
    }

    GitJobs jobs() {
        return jobs;
    }

    Gates gates() {
        return gates;
    }

    /** Opens the app's repository, making it if need be. The caller closes it. */
    synchronized FileRepository open(AppRef app) throws IOException {
        Path place = of(app);
        FileRepository repository = new FileRepository(place.toFile());
        if (Files.notExists(place.resolve("HEAD"))) {
            repository.create(true);
            RefUpdate head = repository.updateRef(Constants.HEAD);
            head.disableRefLog();
            head.link(BRANCHES.getFirst());
        }
        StoredConfig settings = repository.getConfig();
        if (settings.getString("gc", null, "pruneExpire") == null) {
            // What was acknowledged survives a power cut.
            settings.setBoolean("core", null, "fsyncObjectFiles", true);
            settings.setBoolean("core", null, "fsyncRefFiles", true);
            // Tidied by Upkeep alone, when nobody uses it: what is not reachable then is nobody's.
            settings.setBoolean("receive", null, "autogc", false);
            settings.setInt("gc", null, "auto", 0);
            settings.setInt("gc", null, "autoPackLimit", 0);
            settings.setString("gc", null, "pruneExpire", "now");
            settings.setString("gc", null, "prunePackExpire", "now");
            settings.save();
        }
        return repository;
    }

    boolean exists(AppRef app) {
        return Files.exists(of(app).resolve("HEAD"));
    }

    /** For one push; the repository is made if need be. The caller closes it. */
    Quarantine quarantine(AppRef app) throws IOException {
        open(app).close();
        return Quarantine.create(of(app));
    }

    /** What the app's repository takes. */
    static Size size(FileRepository repository) throws IOException {
        long bytes = 0;
        Path folder = repository.getObjectDatabase().getPackDirectory().toPath();
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                bytes = all.mapToLong(file -> file.toFile().length()).sum();
            }
        }
        int packs = repository.getObjectDatabase().getPacks().size();
        return new Size(bytes, repository.getObjectDatabase().getApproximateObjectCount(), packs);
    }

    /** What the app's repository and the pushes on their way to it take. */
    long bytes(AppRef app) throws IOException {
        List<Path> files = new ArrayList<>(list(of(app).resolve("objects").resolve("pack")));
        for (Path push : list(of(app).resolve(Quarantine.FOLDER))) {
            files.addAll(list(push));
            files.addAll(list(push.resolve("pack")));
        }
        return files.stream().mapToLong(file -> file.toFile().length()).sum();
    }

    /** The packs of the app's repository, which may change at any time. */
    List<Path> packs(AppRef app) throws IOException {
        return list(of(app).resolve("objects").resolve("pack")).stream()
                .filter(file -> file.toString().endsWith(".pack"))
                .toList();
    }

    /** A forced push has left commits that no branch leads to any more. */
    void noteGarbage(AppRef app) {
        garbage.add(app);
    }

    boolean hasGarbage(AppRef app) {
        return garbage.contains(app);
    }

    void tidied(AppRef app) {
        garbage.remove(app);
    }

    /** Ends the app's pushes and fetches and deletes its repository: at once by name, then what is in it. */
    public void delete(AppRef app) throws InterruptedException {
        jobs.stop(app);
        try (Gates.Hold _ = gates.alone(app, DELETE_WAIT).orElseThrow(() -> new IOException("it is still in use"))) {
            Path place = of(app);
            if (Files.exists(place)) {
                Path gone = Files.createTempDirectory(Files.createDirectories(folder.resolve(DELETED)), "app-");
                Files.move(place, gone.resolve("git"));
                deleteTree(gone);
            }
            garbage.remove(app);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A crash after a release went live and before its ref moved leaves the ref behind: it moves now. To be called before
     * {@link #sweep}, as the objects may still be where pushes arrive.
     *
     * @param commit of the newest deploy that served
     */
    public void reconcile(AppRef app, String commit) throws IOException {
        if (!exists(app)) {
            return;
        }
        Leftovers.removeLocks(of(app));
        ObjectId wanted = ObjectId.fromString(commit);
        try (FileRepository repository = open(app)) {
            if (!repository.getObjectDatabase().has(wanted) && !Quarantine.acceptLeft(of(app), wanted)) {
                return;
            }
            String branch = BRANCHES.getFirst();
            for (String each : BRANCHES) {
                Ref ref = repository.exactRef(each);
                if (ref != null) {
                    branch = each;
                    if (wanted.equals(ref.getObjectId())) {
                        return;
                    }
                }
            }
            RefUpdate update = repository.updateRef(branch);
            update.setNewObjectId(wanted);
            RefUpdate.Result result = update.forceUpdate();
            log.atInfo()
                    .addKeyValue("app", app)
                    .addKeyValue("ref", branch)
                    .addKeyValue("result", result)
                    .log("The ref follows a release that served when the server died");
        }
    }

    /** Removes what a server that died has left: of pushes, of tidying, of apps that were being deleted. Nobody uses anything yet. */
    public void sweep(Predicate<AppRef> exists) throws IOException {
        deleteTree(folder.resolve(DELETED));
        for (AppRef app : all()) {
            try {
                if (exists.test(app)) {
                    Leftovers.remove(of(app));
                } else {
                    // Not deleted: with another database by mistake, nobody's app would be known.
                    log.atWarn()
                            .addKeyValue("app", app)
                            .log("Repository of an app that the database does not know is left");
                }
            } catch (IOException e) {
                log.atWarn().addKeyValue("app", app).setCause(e).log("Repository could not be swept");
            }
        }
    }

    /** Apps that have a repository. */
    List<AppRef> all() throws IOException {
        List<AppRef> apps = new ArrayList<>();
        for (Path tenant : list(folder)) {
            for (Path each : list(tenant)) {
                String name = each.getFileName().toString();
                try {
                    if (name.endsWith(SUFFIX)) {
                        apps.add(AppRef.of(
                                tenant.getFileName().toString(), name.substring(0, name.length() - SUFFIX.length())));
                    }
                } catch (IllegalArgumentException | MayflyException e) {
                    log.atWarn().addKeyValue("folder", each).setCause(e).log("No app can have this repository");
                }
            }
        }
        return apps;
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    static void deleteTree(Path tree) throws IOException {
        if (Files.notExists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (NoSuchFileException e) {
            log.debug("Somebody else deletes it as well", e);
        }
    }

    private Path of(AppRef app) {
        return folder.resolve(app.tenant().value()).resolve(app.app().value() + SUFFIX);
    }

    /** Stops all pushes and fetches. */
    @Override
    public void close() {
        jobs.close();
    }
}
