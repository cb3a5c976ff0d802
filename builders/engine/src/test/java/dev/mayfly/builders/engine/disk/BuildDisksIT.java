package dev.mayfly.builders.engine.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.image.Trees;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.runtime.disk.DiskConfig;
import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.runtime.disk.Room;
import dev.mayfly.testkit.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that write without end, on a disk of 512 MiB: a program writes into the folder, its caller is interrupted. */
class BuildDisksIT {
    private static final int MIB = 1024 * 1024;
    private static final DiskUse MOST = new DiskUse(64 * MIB, 2_000);

    @TempDir
    Path temp;

    private SmallDisk disk;
    private DiskSpace space;
    private BuildDisks disks;
    private Path folder;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        disk = SmallDisk.mount(temp.resolve("disk"), "size=512m,nr_inodes=20k");
        space = new DiskSpace(disk.folder(), new DiskConfig(0));
        disks = new BuildDisks(space, MOST);
        folder = Files.createDirectories(disk.folder().resolve("builds/bld_1"));
        Files.createDirectories(folder.resolve("layers"));
    }

    @AfterEach
    void close() {
        disk.close();
    }

    @RepeatedTest(3)
    void aBuildThatWritesWithoutEndIsEndedAndGivesTheSpaceBack() throws Exception {
        // At most 40 MB a second: a watch on a busy machine has ten seconds before the reserve is met, whose code is
        // another.
        BuildDisks.Excess excess = build("while :; do head -c 1M /dev/zero; sleep 0.025; done > layers/x");
        printBeyond();
        assertThat(excess.code()).isEqualTo(ErrorCode.BUILD_DISK);
        assertThat(excess.reason()).contains("64 MiB").contains("build.disk-mib");
        assertGivenBack();
    }

    @RepeatedTest(3)
    void aBuildThatMakesFilesWithoutEndIsEnded() throws Exception {
        BuildDisks.Excess excess =
                build("n=0; while :; do n=$((n + 1)); : > layers/$n; [ $((n % 20)) != 0 ] || sleep 0.005; done");
        assertThat(excess.code()).isEqualTo(ErrorCode.BUILD_DISK);
        assertThat(excess.reason()).contains("2000 files").contains("build.files-max");
        assertGivenBack();
    }

    /** As fast as memory takes it: what is not seen in time meets the reserve, and is given back all the same. */
    @RepeatedTest(3)
    void aBuildThatIsFasterThanTheWatchEndsAllTheSame() throws Exception {
        BuildDisks.Excess excess = build("head -c 100G /dev/zero > layers/x; sleep 60");
        printBeyond();
        assertThat(excess.code()).isIn(ErrorCode.BUILD_DISK, ErrorCode.DISK_LOW);
        assertGivenBack();
    }

    @RepeatedTest(3)
    void blocksThatALengthDoesNotShowCount() throws Exception {
        assertThat(build(": > layers/x; fallocate --keep-size -l 100M layers/x; sleep 60")
                        .code())
                .isEqualTo(ErrorCode.BUILD_DISK);
        assertGivenBack();
    }

    @RepeatedTest(3)
    void belowTheReserveEveryBuildEndsAndNoneIsBlamed() throws Exception {
        Process other = new ProcessBuilder("sh", "-c", "sleep 0.3; head -c 500M /dev/zero > other")
                .directory(disk.folder().toFile())
                .start();
        try {
            BuildDisks.Excess excess = build("sleep 60");
            assertThat(excess.code()).isEqualTo(ErrorCode.DISK_LOW);
            assertThat(excess.reason()).contains("data.reserve-mib");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @RepeatedTest(3)
    void aBuildThatKeepsToItIsNeverInterrupted() throws Exception {
        for (int round = 0; round < 5; round++) {
            BuildDisks.Watch watch = disks.watch(folder, folder.resolve("layers"));
            Process process = start("head -c 40M /dev/zero > layers/x; sleep 0.4");
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.end()).isEmpty();
            Files.delete(folder.resolve("layers/x"));
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    /** With nothing left to take it is due at each look. */
    @Test
    void aBuildJustBelowItsLimitDoesNotMakeTheServerWalkAllTheTime() throws Exception {
        List<Walk> walks = walks(4, 20, MOST, "sleep 60");
        for (int i = 1; i < 4; i++) {
            Walk last = walks.get(i - 1);
            assertThat(walks.get(i).begun() - last.ended())
                    .as("pause before walk " + i + " of " + walks)
                    .isGreaterThanOrEqualTo(9 * last.took());
        }
    }

    /** Of a tree that takes long to walk it could else write as much as it likes until the next walk. */
    @Test
    void aBuildThatGrowsByMoreThanAPartOfItsLimitIsWalkedAtOnce() throws Exception {
        String script = "while :; do head -c 1M /dev/zero; sleep 0.025; done > layers/x";
        List<Walk> walks = walks(2, 2_000, MOST, script);
        assertThat(walks.get(1).begun() - walks.get(0).ended())
                .as("pause in " + walks)
                .isLessThan(9 * walks.get(0).took());
    }

    private record Walk(long begun, long ended) {
        long took() {
            return ended - begun;
        }
    }

    /** Walks of a build that runs the script, each of which takes so long and finds this use. */
    private List<Walk> walks(int number, int millis, DiskUse found, String script) throws Exception {
        List<Walk> walks = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch enough = new CountDownLatch(number);
        BuildDisks slow = new BuildDisks(space, MOST, (_, _) -> {
            long begun = System.nanoTime();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
            walks.add(new Walk(begun, System.nanoTime()));
            enough.countDown();
            return Optional.of(found);
        });
        BuildDisks.Watch watch = slow.watch(folder, folder.resolve("layers"));
        Files.write(folder.resolve("layers/taken"), new byte[34 * MIB]); // Half of what it may take: a walk is due.
        Process process = start(script);
        try {
            assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            assertThat(watch.end()).isEmpty();
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        return walks;
    }

    @Test
    void aBuildWhoseTimeIsOverIsEnded() {
        BuildDisks.Watch watch = disks.watch(folder, folder.resolve("layers"));
        try {
            watch.endAfter(Duration.ofMillis(1), new BuildDisks.Excess(ErrorCode.BUILD_TIMEOUT, "too long"));
            assertThatThrownBy(() -> new Semaphore(0).tryAcquire(30, TimeUnit.SECONDS))
                    .isInstanceOf(InterruptedException.class);
            assertThat(watch.end()).contains(new BuildDisks.Excess(ErrorCode.BUILD_TIMEOUT, "too long"));
        } finally {
            watch.end();
        }
    }

    @RepeatedTest(3)
    void whatAProcessHasOpenWithoutANameIsSeen() throws Exception {
        Path layers = folder.resolve("layers");
        Process process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        "mount --bind " + layers + " /mnt && exec 3> /mnt/x && rm /mnt/x"
                                + " && head -c 30M /dev/zero >&3 && echo written && sleep 60")
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("written");
            assertThat(Measure.tree(folder).orElseThrow().bytes()).isLessThan(MIB);
            assertThat(Measure.hidden(layers, "mnt").bytes()).isBetween(30L * MIB, 31L * MIB);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    /** How far the build that has just ended came, for who reads the output. */
    private void printBeyond() {
        Room room = space.room();
        long bytes = room.bytesTotal() - room.bytes() - MOST.bytes();
        System.out.println("a build was ended " + bytes / MIB + " MiB beyond its limit of " + MOST.bytes() / MIB);
    }

    /** A build in this thread, which is interrupted at its end. */
    private BuildDisks.Excess build(String script) throws IOException {
        BuildDisks.Watch watch = disks.watch(folder, folder.resolve("layers"));
        Process process = start(script);
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("not ended").isFalse();
            throw new AssertionError("30 s and nobody ends it");
        } catch (InterruptedException e) {
            return watch.end().orElseThrow();
        } finally {
            watch.end();
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.onExit().join();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    private Process start(String script) throws IOException {
        return new ProcessBuilder(List.of("bash", "-c", script))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void assertGivenBack() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Trees.delete(folder);
        while (space.room().bytes() < 500L * MIB && System.nanoTime() < deadline) {
            Trees.delete(folder); // A program that is killed may write for a moment more.
            Thread.onSpinWait();
        }
        assertThat(space.room().bytes()).isGreaterThan(500L * MIB);
        assertThat(space.level()).isEqualTo(DiskSpace.Level.ROOMY);
    }
}
