package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;

/** The bare repositories, {@code <tenant>/<app>.git}. They are made at the first push. */
public final class Repositories {
    /** Branches that deploy. */
    static final List<String> BRANCHES = List.of("refs/heads/main", "refs/heads/master");

    private final Path folder;

    public Repositories(Path folder) {
        this.folder = folder;
    }

    /** Opens the app's repository, making it if need be. The caller closes it. */
    synchronized Repository open(AppRef app) throws IOException {
        Path place = of(app);
        FileRepository repository = new FileRepository(place.toFile());
        if (Files.notExists(place.resolve("HEAD"))) {
            repository.create(true);
            RefUpdate head = repository.updateRef(Constants.HEAD);
            head.disableRefLog();
            head.link(BRANCHES.getFirst());
            StoredConfig config = repository.getConfig();
            // What was acknowledged survives a power cut.
            config.setBoolean("core", null, "fsyncObjectFiles", true);
            config.setBoolean("core", null, "fsyncRefFiles", true);
            config.save();
        }
        return repository;
    }

    /** Deletes the app's repository. */
    public synchronized void delete(AppRef app) {
        Path place = of(app);
        if (Files.notExists(place)) {
            return;
        }
        try (Stream<Path> all = Files.walk(place)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A crash after a release went live and before its ref moved leaves the ref behind: it moves now.
     *
     * @param commit of the newest deploy that served
     */
    public void reconcile(AppRef app, String commit) throws IOException {
        if (Files.notExists(of(app).resolve("HEAD"))) {
            return;
        }
        try (Repository repository = open(app)) {
            ObjectId wanted = ObjectId.fromString(commit);
            if (!repository.getObjectDatabase().has(wanted)) {
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
            update.forceUpdate();
        }
    }

    private Path of(AppRef app) {
        return folder.resolve(app.tenant().value()).resolve(app.app().value() + ".git");
    }
}
