package dev.mayfly.builders.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs the privilege to make namespaces. */
final class TiedCommandIT {
    /** In the command line of all that this test starts, and of nothing else on the machine. */
    private final String mark = "86400." + System.nanoTime();

    @AfterEach
    void endWhatATestLeft() {
        marked().forEach(ProcessHandle::destroyForcibly);
    }

    /** What would survive any signal to a process group: another session, another parent, SIGTERM ignored. */
    @ParameterizedTest(name = "killed with force: {0}")
    @ValueSource(booleans = {true, false})
    void allThatAContainedCommandStartedEndsWithTheProcessThatStartedIt(boolean force) throws Exception {
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        mark)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            await(() -> marked().filter(each -> isSleep(each)).count() == 3);
            ProcessHandle handle = owner.toHandle();
            assertThat(force ? handle.destroyForcibly() : handle.destroy()).isTrue();
            assertThat(owner.waitFor(10, TimeUnit.SECONDS)).isTrue();
            await(() -> marked().findAny().isEmpty());
        } finally {
            owner.destroyForcibly();
        }
    }

    @Test
    void aContainedCommandThatIsKilledTakesAllThatItStartedAlong() throws Exception {
        Process process = TiedCommand.start(new ProcessBuilder(TiedCommand.contained(Owner.command(mark))));
        await(() -> marked().filter(each -> isSleep(each)).count() == 3);
        process.destroyForcibly();
        await(() -> marked().findAny().isEmpty());
    }

    @Test
    void aCommandOutlivesTheThreadThatStartedIt() throws Exception {
        Process[] started = new Process[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                started[0] = TiedCommand.start(new ProcessBuilder("cat"));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.join();
        try (var in = started[0].outputWriter(StandardCharsets.UTF_8);
                var out = started[0].inputReader(StandardCharsets.UTF_8)) {
            in.write("still here\n");
            in.flush();
            assertThat(out.readLine()).isEqualTo("still here");
        }
        assertThat(started[0].waitFor()).isZero();
    }

    @Test
    void aProgramThatIsNotInstalledIsToldByItsCode() throws Exception {
        assertThat(TiedCommand.start(new ProcessBuilder("no-such-program")).waitFor())
                .isEqualTo(TiedCommand.NOT_FOUND);
        assertThat(TiedCommand.start(new ProcessBuilder(TiedCommand.contained(List.of("no-such-program"))))
                        .waitFor())
                .isEqualTo(TiedCommand.NOT_FOUND);
    }

    private java.util.stream.Stream<ProcessHandle> marked() {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().commandLine().orElse("").contains(mark));
    }

    private static boolean isSleep(ProcessHandle each) {
        return each.info().command().orElse("").endsWith("sleep");
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
        while (!condition.holds()) {
            assertThat(Instant.now()).as("deadline").isBefore(deadline);
            Thread.sleep(20);
        }
    }

    /** Stands for a server that makes a base image. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] args) throws Exception {
            TiedCommand.start(new ProcessBuilder(TiedCommand.contained(command(args[0]))))
                    .waitFor();
        }

        static List<String> command(String mark) {
            String sleep = "sleep " + mark;
            return List.of(
                    "bash", "-c", "trap '' TERM HUP; setsid " + sleep + " & (" + sleep + " &); " + sleep + "; true");
        }
    }
}
