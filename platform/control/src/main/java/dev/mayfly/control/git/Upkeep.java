package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.internal.storage.file.GC;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tidies repositories, one at a time and only while nobody uses them: all that branches lead to goes into one pack, the rest
 * is deleted. That is safe at any age, as no push or fetch is under way then that could still mean it. Deltas are taken as
 * they are, so it costs a copy of the repository and no search.
 */
public final class Upkeep {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    /** So many pushes lie in packs of their own. */
    static final int PACKS_MAX = 16;

    /** After a day without a push even two packs become one, and what a forced push has left behind goes. */
    static final Duration IDLE = Duration.ofDays(1);

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final Repositories repositories;
    private final Clock clock;

    public Upkeep(Repositories repositories, Clock clock) {
        this.repositories = repositories;
        this.clock = clock;
    }

    /** Tidies what needs it. */
    public void run() throws IOException, InterruptedException {
        for (AppRef app : repositories.all()) {
            try {
                tidyIfNeeded(app);
            } catch (IOException | GitAPIException | ParseException | RuntimeException e) {
                log.atWarn().addKeyValue("app", app).setCause(e).log("Repository could not be tidied");
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled");
            }
        }
    }

    private void tidyIfNeeded(AppRef app) throws IOException, InterruptedException, GitAPIException, ParseException {
        if (!needed(app)) {
            return;
        }
        Optional<Gates.Hold> hold = repositories.gates().alone(app, Duration.ZERO);
        if (hold.isEmpty()) {
            return; // It is in use: next time.
        }
        try (Gates.Hold _ = hold.get()) {
            if (repositories.exists(app)) {
                tidy(app);
            }
        }
    }

    private boolean needed(AppRef app) throws IOException {
        List<Path> packs = repositories.packs(app);
        if (packs.size() >= PACKS_MAX) {
            return true;
        }
        Instant newest = Instant.EPOCH;
        for (Path pack : packs) {
            Instant at = Files.getLastModifiedTime(pack).toInstant();
            newest = at.isAfter(newest) ? at : newest;
        }
        boolean idle = newest.isBefore(clock.instant().minus(IDLE));
        return packs.size() > 1 && (idle || repositories.hasGarbage(app));
    }

    private void tidy(AppRef app) throws IOException, GitAPIException, ParseException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        try (FileRepository repository = repositories.open(app)) {
            Repositories.Size before = Repositories.size(repository);
            GC gc = new GC(repository);
            gc.setPackConfig(copies(repository));
            gc.setExpireAgeMillis(0);
            gc.setPackExpireAgeMillis(-1_000); // A pack of this very moment is old, too.
            gc.setProgressMonitor(new EmptyProgressMonitor() {
                @Override
                public boolean isCancelled() {
                    return System.nanoTime() - deadline > 0
                            || Thread.currentThread().isInterrupted();
                }
            });
            gc.gc();
            Repositories.Size after = Repositories.size(repository);
            log.atInfo()
                    .addKeyValue("app", app)
                    .addKeyValue("packs", before.packs() + " -> " + after.packs())
                    .addKeyValue("bytes", String.format(Locale.ROOT, "%d -> %d", before.bytes(), after.bytes()))
                    .log("Repository is tidied");
        }
        repositories.tidied(app);
    }

    /** Packs are written as they lie, for a fetch too. */
    static PackConfig copies(FileRepository repository) {
        PackConfig config = new PackConfig(repository);
        config.setDeltaCompress(false);
        config.setReuseDeltas(true);
        config.setReuseObjects(true);
        config.setBuildBitmaps(false);
        config.setSinglePack(true);
        config.setThreads(1);
        return config;
    }
}
