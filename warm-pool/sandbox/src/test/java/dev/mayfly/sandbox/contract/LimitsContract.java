package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a sandbox may use, and what happens to one that wants more. */
interface LimitsContract {
    Subject subject();

    @Test
    default void memoryBeyondTheLimitEndsItAndTheReasonIsNamed() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return; // Would take the machine's memory.
        }
        Started ended = subject().run(subject().program("/workspace/probe", "bomb", "memory"));
        assertThat(ended.exit().reason()).as(ended.text()).isEqualTo("OOMKilled");
    }

    @Test
    default void processesBeyondTheLimitAreRefused() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started ended = subject().run(subject().program("/workspace/probe", "bomb", "pids"));
        assertThat(ended.text() + ended.exit().reason()).containsAnyOf("refused EAGAIN", "PidsLimit");
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
                .contains(subject().runtime().name().equals("runsc") ? "OOMKilled" : "ENOSPC");
    }

    @Test
    default void processorTimeIsRationed() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Request spin =
                subject().program("/workspace/probe", "bomb", "spin", "1500").limits(64, 0.2, 32, 8);
        Started ended = subject().run(spin);
        long milliseconds = Long.parseLong(ended.out().getFirst().split(" ")[1]);
        assertThat(milliseconds).as("CPU time of 1500 ms at 0.2 cpus").isBetween(100L, 650L);
    }

    @Test
    default void mountsShowAndKeepWhatTheySay() throws Exception {
        Path readOnly = Files.createDirectories(subject().folder().resolve("read-only"));
        Files.setAttribute(readOnly, "unix:uid", Request.UID);
        Files.writeString(readOnly.resolve("file"), "there\n");
        Path writable = Files.createDirectories(subject().folder().resolve("writable"));
        Files.setAttribute(writable, "unix:uid", Request.UID);
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
            assertThat(Files.getAttribute(writable.resolve("new"), "unix:uid")).isEqualTo(Request.UID);
        }
    }
}
