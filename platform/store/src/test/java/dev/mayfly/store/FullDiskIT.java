package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.testkit.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The database's file on a disk that is filled: the store is away meanwhile, and back by itself. */
class FullDiskIT {
    private static final int WRITES_MAX = 20_000;
    private static final AppRef APP = AppRef.of("tenant", "shop");

    @TempDir
    Path temp;

    private SmallDisk disk;
    private Store store;
    private int acknowledged;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        disk = SmallDisk.mount(temp.resolve("disk"), "size=64m");
        store = Store.open(StoreConfig.from(ConfigReader.of(Map.of()), disk.folder()), Clock.systemUTC());
        store.tenants().create(APP.tenant());
        store.apps().create(APP);
    }

    @AfterEach
    void close() {
        store.close();
        disk.close();
    }

    @Test
    void aFullDiskTakesTheStoreAwayOnlyUntilThereIsSpace() throws IOException, InterruptedException {
        for (int round = 1; round <= 5; round++) {
            disk.fill();
            MayflyException refusal = writeUntilRefused();
            assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
            long asked = System.nanoTime();
            assertThat(failure(() -> store.configs().latest(APP)))
                    .satisfiesAnyOf(
                            none -> assertThat(none).isNull(),
                            known -> assertThat(known).isInstanceOf(MayflyException.class));
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30)); // Not for ever.
            disk.free();
            awaitWrite();
            assertThat(store.configs().latest(APP).version())
                    .as("acknowledged, round " + round)
                    .isGreaterThanOrEqualTo(acknowledged);
        }
    }

    /** Nothing that was acknowledged is missing in a store that is opened anew either. */
    @Test
    void whatWasAcknowledgedBeforeTheDiskWasFullIsThereAfterARestart() throws IOException {
        disk.fill();
        writeUntilRefused();
        disk.free();
        store.close();
        store = Store.open(StoreConfig.from(ConfigReader.of(Map.of()), disk.folder()), Clock.systemUTC());
        assertThat(store.configs().latest(APP).version()).isGreaterThanOrEqualTo(acknowledged);
    }

    /** Many at once, while the disk is full again and again: nobody's acknowledged write is lost, nobody waits for long. */
    @Test
    void manyWritersLoseNothingWhileTheDiskIsFullAgainAndAgain() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Map<AppRef, Integer> versions = new ConcurrentHashMap<>();
        List<Future<Void>> writers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int each = 0; each < 3; each++) {
                AppRef app = AppRef.of("tenant", "app-" + each);
                store.apps().create(app);
                writers.add(threads.submit(() -> {
                    while (!over.get()) {
                        try {
                            int version = store.configs().latest(app).version();
                            versions.put(
                                    app,
                                    store.configs()
                                            .put(app, version, Map.of("KEY", "x".repeat(500)), "dev")
                                            .version());
                        } catch (MayflyException e) {
                            assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
                        }
                        LockSupport.parkNanos(30_000_000); // They must not fill the disk for good themselves.
                    }
                    return null;
                }));
            }
            try {
                for (int round = 0; round < 6; round++) {
                    disk.fill();
                    writeUntilRefused();
                    disk.free();
                    awaitWrite();
                }
            } finally {
                over.set(true);
            }
            for (Future<Void> each : writers) {
                each.get(20, TimeUnit.SECONDS);
            }
        }
        assertThat(store.connectionsTaken()).as("nobody has kept a connection").isZero();
        assertThat(versions).hasSize(3);
        versions.forEach((app, version) ->
                assertThat(store.configs().latest(app).version()).isGreaterThanOrEqualTo(version));
    }

    private MayflyException writeUntilRefused() {
        for (int write = 0; write < WRITES_MAX; write++) {
            Throwable failure = failure(this::write);
            if (failure != null) {
                assertThat(failure).isInstanceOf(MayflyException.class);
                return (MayflyException) failure;
            }
        }
        throw new AssertionError("a full disk takes every write");
    }

    private void awaitWrite() {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        for (Throwable failure = failure(this::write); failure != null; failure = failure(this::write)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not back within 20 s", failure);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private void write() {
        int version = store.configs().latest(APP).version();
        acknowledged = store.configs()
                .put(APP, version, Map.of("KEY", "x".repeat(2_000) + System.nanoTime()), "dev")
                .version();
    }

    private static @Nullable Throwable failure(Runnable work) {
        try {
            work.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }
}
