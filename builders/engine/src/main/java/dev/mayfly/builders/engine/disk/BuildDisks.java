package dev.mayfly.builders.engine.disk;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.runtime.disk.Room;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends builds that take too much of the disk, on every file system and in every runtime class (ADR 25), and those whose time is
 * over.
 *
 * <p>Ten times a second the file system is asked what is free, which costs microseconds. A build cannot have grown by more than
 * what the file system has lost, so its folder is walked only when that is half of what it may still take, and once in some
 * seconds, as others may have freed what it took. What is written between two looks is bounded by the disk's speed and met by
 * the reserve: below that every build ends.
 */
public final class BuildDisks {
    private static final Logger log = LoggerFactory.getLogger(BuildDisks.class);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration WALK_EVERY = Duration.ofSeconds(5);

    /** Where builds have their layers, below their root. */
    private static final String INSIDE = "layers";

    /** A walk takes at most one part in so many of the time. */
    private static final int WALK_PART = 10;

    private final DiskSpace space;
    private final DiskUse most;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private @Nullable Thread watcher;

    /** @param most what one build may take */
    public BuildDisks(DiskSpace space, DiskUse most) {
        this.space = space;
        this.most = most;
    }

    private record Latest(long at, Excess why) {}

    /** Why a build was ended. */
    public record Excess(ErrorCode code, String reason) {}

    /**
     * Watches a build until {@link Watch#end}; the calling thread is interrupted if it takes too much.
     *
     * @param folder of the build; need not be there yet
     * @param layers the folder that its processes have at {@code /layers}
     */
    public Watch watch(Path folder, Path layers) {
        Watch watch = new Watch(folder, layers, Thread.currentThread(), space.room());
        watches.add(watch);
        begin();
        return watch;
    }

    private synchronized void begin() {
        if (watcher == null) {
            watcher = Thread.ofPlatform().daemon().name("build-disks").start(this::run);
        }
    }

    /** Ends when nothing is built. */
    private void run() {
        while (true) {
            synchronized (this) {
                if (watches.isEmpty()) {
                    watcher = null;
                    return;
                }
            }
            try {
                look(space.room());
            } catch (RuntimeException | Error e) { // It must not end while something is built.
                log.atError().setCause(e).log("Builds' use of the disk could not be looked at");
            }
            LockSupport.parkNanos(TICK.toNanos());
        }
    }

    private void look(Room room) {
        watches.forEach(Watch::stopIfLate);
        if (space.level(room) == DiskSpace.Level.SHORT) {
            Optional<String> why = space.shortage();
            why.ifPresent(text -> watches.forEach(watch -> watch.stop(new Excess(ErrorCode.DISK_LOW, text))));
            return;
        }
        for (Watch watch : watches) {
            if (watch.isDue(room) && watch.walking.compareAndSet(false, true)) {
                Thread.ofVirtual().name("build-disk").start(() -> watch.walk(room));
            }
        }
    }

    /** One build that is watched. */
    public final class Watch {
        private final Path folder;
        private final Path layers;
        private final Thread builder;
        private final AtomicBoolean walking = new AtomicBoolean();
        private volatile DiskUse use = new DiskUse(0, 0);
        private volatile Room before;
        private volatile long nextWalk = System.nanoTime() + WALK_EVERY.toNanos();
        private volatile @Nullable Latest latest;
        private @Nullable Excess excess;
        private boolean ended;

        private Watch(Path folder, Path layers, Thread builder, Room room) {
            this.folder = folder;
            this.layers = layers;
            this.builder = builder;
            this.before = room;
        }

        /** From now on the build has so much time, and ends for this reason if that is over. */
        public void endAfter(Duration time, Excess why) {
            latest = new Latest(System.nanoTime() + time.toNanos(), why);
        }

        private void stopIfLate() {
            Latest known = latest;
            if (known != null && System.nanoTime() - known.at >= 0) {
                stop(known.why);
            }
        }

        private boolean isDue(Room room) {
            return before.bytes() - room.bytes() >= (most.bytes() - use.bytes()) / 2
                    || before.files() - room.files() >= (most.files() - use.files()) / 2
                    || System.nanoTime() - nextWalk >= 0;
        }

        private void walk(Room room) {
            long begun = System.nanoTime();
            try {
                Optional<DiskUse> tree = Measure.tree(folder);
                if (tree.isPresent()) {
                    use = tree.get().plus(Measure.hidden(layers, INSIDE));
                    before = room;
                    judge();
                }
            } catch (IOException | InterruptedException e) {
                log.atWarn().addKeyValue("folder", folder).setCause(e).log("A build's folder could not be measured");
            } finally {
                long took = System.nanoTime() - begun;
                nextWalk = System.nanoTime() + Math.max(WALK_EVERY.toNanos(), WALK_PART * took);
                walking.set(false);
            }
        }

        private void judge() {
            if (use.bytes() > most.bytes()) {
                stop(new Excess(
                        ErrorCode.BUILD_DISK,
                        "The build may write " + (most.bytes() >> 20)
                                + " MiB, what it kept from earlier builds included (build.disk-mib)."));
            } else if (use.files() > most.files()) {
                stop(new Excess(
                        ErrorCode.BUILD_DISK,
                        "The build may make " + most.files()
                                + " files, what it kept from earlier builds included (build.files-max)."));
            }
        }

        private synchronized void stop(Excess why) {
            if (!ended && excess == null) {
                excess = why;
                builder.interrupt();
            }
        }

        /**
         * From now on the thread is not interrupted any more; if it was, that is undone.
         *
         * @return why the build was ended, if it was
         */
        public synchronized Optional<Excess> end() {
            if (!ended) {
                ended = true;
                watches.remove(this);
                if (excess != null) {
                    Thread.interrupted();
                }
            }
            return Optional.ofNullable(excess);
        }
    }
}
