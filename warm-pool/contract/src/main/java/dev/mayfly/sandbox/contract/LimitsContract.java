package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.DeathReason;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.IoDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a sandbox may use, and what happens to one that wants more. */
public interface LimitsContract {
    Subject subject();

    @Test
    default void memoryBeyondTheLimitEndsItAndTheReasonIsNamed() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return; // Would take the machine's memory.
        }
        Started ended = subject().run(subject().program("/workspace/probe", "bomb", "memory"));
        assertThat(ended.exit().reason()).as(ended.text()).isEqualTo(DeathReason.OOM_KILLED);
    }

    @Test
    default void processesBeyondTheLimitAreRefused() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started ended = subject().run(subject().program("/workspace/probe", "bomb", "pids"));
        assertThat(ended.text() + ended.exit().reason()).containsAnyOf("refused EAGAIN", DeathReason.PIDS_LIMIT.name());
        assertThat(ended.out()).as("processes it got").noneMatch(line -> line.equals("started 1000"));
    }

    @Test
    default void tmpHasASizeAndACountOfFiles() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started size = subject().run(subject().program("/workspace/probe", "bomb", "tmp"));
        assertThat(size.text()).contains("ENOSPC");
        Started count = subject().run(subject().program("/workspace/probe", "bomb", "inodes"));
        // gVisor does not count files; what they take is memory of the sandbox.
        assertThat(count.text() + count.exit().reason())
                .contains(subject().runtime().name().equals("runsc") ? DeathReason.OOM_KILLED.name() : "ENOSPC");
    }

    @Test
    default void sharedMemoryHasASizeAndACountOfFiles() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started size = subject()
                .run(subject()
                        .shell("busybox dd if=/dev/zero of=/dev/shm/file bs=1048576 count=64")
                        .env(Map.of("PATH", "/bin")));
        assertThat(size.text()).contains("No space left on device");
        if (subject().runtime().name().equals("runsc")) {
            return; // gVisor does not count files; what they take is memory of the sandbox.
        }
        Started count = subject()
                .run(subject().shell("i=0; while [ $i -lt 17000 ] && : >/dev/shm/$i; do i=$((i+1)); done; echo $i"));
        assertThat(count.err()).anyMatch(line -> line.contains("No space left on device"));
        Started dev = subject().run(subject().shell("echo >/dev/new || echo refused; grep ' /dev/shm ' /proc/mounts"));
        assertThat(dev.out()).contains("refused");
        assertThat(dev.out().getLast()).contains("nr_inodes=16384").contains("size=16384k");
    }

    @Test
    default void processorTimeIsRationed() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        SandboxRequest spin =
                subject().program("/workspace/probe", "bomb", "spin", "1500").limits(64, 0.2, 32, 8);
        Started ended = subject().run(spin);
        long milliseconds = Long.parseLong(ended.out().getFirst().split(" ")[1]);
        assertThat(milliseconds).as("CPU time of 1500 ms at 0.2 cpus").isBetween(100L, 650L);
    }

    /** Where the machine or the class cannot, it says so instead of starting. */
    @Test
    default void readsFromDiskAreRationed() throws Exception {
        int mib = 6;
        Path folder = Files.createDirectories(subject().folder().resolve("io"));
        Path file = folder.resolve("file");
        Files.write(file, new byte[mib << 20]);
        // Out of the machine's cache, from which reading is free.
        HostCommands.run("dd", "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none");
        SandboxRequest reads = subject()
                .shell("echo up; dd if=/data/file of=/dev/null bs=65536; echo read")
                .mount(folder, "/data", true);
        boolean can = subject().offers(Can.ISOLATE)
                && !subject().runtime().name().equals("runsc")
                && IoDisk.refusal(subject().folder()).isEmpty();
        if (!can) {
            subject().refusal(reads.io(2)).contains("limits.io: 2 MiB (expected: nothing, as ");
            return;
        }
        try (Started started = subject().start(reads.io(2))) {
            started.awaitLine("up");
            long before = System.nanoTime();
            started.awaitLine("read");
            assertThat(System.nanoTime() - before)
                    .as("time for %d MiB at 2 MiB a second", mib)
                    .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(2_000));
        }
    }

    @Test
    default void mountsShowAndKeepWhatTheySay() throws Exception {
        Path readOnly = Files.createDirectories(subject().folder().resolve("read-only"));
        Files.setAttribute(readOnly, "unix:uid", SandboxRequest.UID);
        Files.writeString(readOnly.resolve("file"), "there\n");
        Path writable = Files.createDirectories(subject().folder().resolve("writable"));
        Files.setAttribute(writable, "unix:uid", SandboxRequest.UID);
        Started reads = subject()
                .run(subject()
                        .shell("cat /data/file; echo no >/data/new || echo refused")
                        .mount(readOnly, "/data", true));
        assertThat(reads.out()).contains("there");
        if (subject().offers(Can.ISOLATE)) {
            assertThat(reads.out()).contains("refused");
            assertThat(reads.err()).anyMatch(line -> line.contains("Read-only file system"));
        }
        subject().run(subject().shell("echo inside >/data/new").mount(writable, "/data", false));
        assertThat(writable.resolve("new")).hasContent("inside\n");
        if (subject().offers(Can.ISOLATE)) {
            assertThat(Files.getAttribute(writable.resolve("new"), "unix:uid")).isEqualTo(SandboxRequest.UID);
        }
    }
}
