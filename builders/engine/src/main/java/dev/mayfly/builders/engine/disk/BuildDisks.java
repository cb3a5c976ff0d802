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
 * seconds, as others may have freed what it took; but no more than a part of the time. What is written between two walks is
 * bounded by what the file system may lose meanwhile and by the disk's speed, and met by the reserve: below that every build ends.
 */
public final class BuildDisks {
    private static final Logger log = LoggerFactory.getLogger(BuildDisks.class);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration WALK_EVERY = Duration.ofSeconds(5);

    /**
     * Walks of a build take at most one part in so many of the time, whatever it does: one that stays just below its limit could
     * else make the server walk all the time.
     */
    private static final int WALK_PART = 10;

    /** Not while the file system has lost so much that a build may be beyond its limit by one part in so many of it. */
    private static final int BEYOND_PART = 4;

    private final DiskSpace space;
    private final DiskUse most;
    private final Gauge gauge;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private @Nullable Thread watcher;

    /** @param most what one build may take */
    public BuildDisks(DiskSpace space, DiskUse most) {
        this(space, most, Measure::build);
    }

    BuildDisks(DiskSpace space, DiskUse most, Gauge gauge) {
        this.space = space;
        this.most = most;
        this.gauge = gauge;
    }

    /** What a build takes, {@link Measure#build} but in tests. */
    interface Gauge {
        Optional<DiskUse> use(Path folder, Path layers) throws IOException, InterruptedException;
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
        private volatile long notBefore = System.nanoTime();
        private volatile long nextWalk = notBefore + WALK_EVERY.toNanos();
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
            long now = System.nanoTime();
            long bytes = before.bytes() - room.bytes();
            long files = before.files() - room.files();
            long bytesLeft = most.bytes() - use.bytes();
            long filesLeft = most.files() - use.files();
            if (now - notBefore < 0) {
                return bytes > bytesLeft + most.bytes() / BEYOND_PART || files > filesLeft + most.files() / BEYOND_PART;
            }
            return bytes >= bytesLeft / 2 || files >= filesLeft / 2 || now - nextWalk >= 0;
        }

        private void walk(Room room) {
            long begun = System.nanoTime();
            try {
                Optional<DiskUse> now = gauge.use(folder, layers);
                if (now.isPresent()) {
                    use = now.get();
                    judge();
                }
            } catch (IOException | InterruptedException e) {
                log.atWarn().addKeyValue("folder", folder).setCause(e).log("A build's folder could not be measured");
            } finally {
                before = room;
                long end = System.nanoTime();
                notBefore = end + (WALK_PART - 1) * (end - begun);
                nextWalk = end + WALK_EVERY.toNanos();
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
