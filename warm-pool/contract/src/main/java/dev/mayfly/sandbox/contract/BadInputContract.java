package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What cannot be made is refused before anything is made, and the message names field, value and expectation. */
public interface BadInputContract {
    Subject subject();

    @Test
    default void aProgramThatIsNotInTheImage() throws Exception {
        subject().refusal(subject().program("/no/such/program")).contains("/no/such/program");
        if (subject().offers(Can.ISOLATE)) {
            subject()
                    .refusal(subject().program("/no/such/program"))
                    .matches("argv.*'/no/such/program' .*\\(expected: .*\\)");
            subject().refusal(subject().program("nowhere")).matches("argv.*'nowhere' .*\\(expected: .*\\)");
            subject()
                    .refusal(subject().program("/workspace/no-program"))
                    .matches("argv.*'/workspace/no-program' .*\\(expected: .*execute.*\\)");
            subject()
                    .refusal(subject().program("/workspace"))
                    .matches("argv.*'/workspace' .*\\(expected: .*execute.*\\)");
        }
    }

    @Test
    default void aWorkingDirectoryThatIsNone() throws Exception {
        subject().refusal(subject().shell("pwd").in("/nowhere")).contains("/nowhere");
        if (subject().offers(Can.ISOLATE)) {
            subject()
                    .refusal(subject().shell("pwd").in("/nowhere"))
                    .matches("workingDir: '/nowhere' .*\\(expected: .*\\)");
            subject()
                    .refusal(subject().shell("pwd").in("/bin/busybox"))
                    .matches("workingDir: '/bin/busybox' .*\\(expected: .*\\)");
        }
        refusedByTheSpec(subject().shell("pwd").in("/proc/self/fd/7"), "workingDir: '/proc/self/fd/7' (expected:");
        refusedByTheSpec(subject().shell("pwd").in("relative"), "workingDir: 'relative' (expected:");
        refusedByTheSpec(subject().shell("pwd").in("/a/../.."), "workingDir: '/a/../..' (expected:");
    }

    @Test
    default void aMountThatWouldLeadOutOrNowhere() throws Exception {
        Path host = Files.createDirectories(subject().folder().resolve("mounted"));
        if (!subject().offers(Can.ISOLATE)) {
            return; // It mounts nothing.
        }
        SandboxRequest request = subject().shell("true");
        String expected = "(?s)mount.*%s.*\\(expected: .*\\)";
        subject().refusal(request.mount(host, "/leads-out/tmp", false)).matches(expected.formatted("/leads-out/tmp"));
        subject().refusal(request.mount(host, "/to-data", false)).matches(expected.formatted("/to-data"));
        subject().refusal(request.mount(host, "/data/deeper", false)).matches(expected.formatted("/data/deeper"));
        subject().refusal(request.mount(host, "/bin/busybox", true)).matches(expected.formatted("/bin/busybox"));
        subject().refusal(request.mount(host.resolve("none"), "/data", true)).matches(expected.formatted("/none"));
    }

    @Test
    default void limitsOfNothingOrBeyondTheMachine() throws Exception {
        refused(() -> subject().shell("true").limits(0, 1, 32, 8), "limits.memory: 0 MiB (expected: above 0)");
        refused(() -> subject().shell("true").limits(64, 0, 32, 8), "limits.cpus: 0.0 (expected: above 0)");
        refused(() -> subject().shell("true").limits(64, 1, 0, 8), "limits.pids: 0 (expected: above 0)");
        refused(() -> subject().shell("true").limits(64, 1, 32, -1), "limits.tmp: -1 MiB (expected: above 0)");
        SandboxRequest request = subject().shell("true");
        subject()
                .refusal(request.limits(1 << 30, 1, 32, 8))
                .matches("limits\\.memory: 1073741824 MiB \\(expected: at most this machine's \\d+ MiB\\)");
        subject()
                .refusal(request.limits(64, 100_000, 32, 8))
                .matches("limits\\.cpus: 100000\\.0 \\(expected: at most this machine's \\d+\\)");
        subject()
                .refusal(request.limits(64, 1, Integer.MAX_VALUE, 8))
                .matches("limits\\.pids: 2147483647 \\(expected: at most this machine's \\d+\\)");
        subject().refusal(request.limits(64, 1, 32, 1 << 30)).startsWith("limits.tmp: 1073741824 MiB");
    }

    @Test
    default void argumentsAndEnvironmentBeyondTheKernelsLimits() {
        String huge = "x".repeat(200_000);
        refusedByTheSpec(
                subject().program("/bin/busybox", "echo", huge), "argv[2]: 200000 bytes (expected: at most 131071)");
        refusedByTheSpec(subject().shell("true").env(Map.of("BIG", huge)), "env.BIG: 200004 bytes (expected: at most");
        Map<String, String> many = new java.util.HashMap<>();
        for (int i = 0; i < 30; i++) {
            many.put("E" + i, "y".repeat(100_000));
        }
        refusedByTheSpec(subject().shell("true").env(many), "argv and env: 3");
        refusedByTheSpec(subject().program("/bin/busybox", "a\0b"), "argv[1]: has a zero byte (expected: none)");
        refusedByTheSpec(subject().shell("true").env(Map.of("A=B", "c")), "env: 'A=B' (expected: a name");
    }

    private static void refusedByTheSpec(SandboxRequest request, String message) {
        refused(() -> request.spec("ins_bad", (_, _) -> {}), message);
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> org.assertj.core.api.Assertions.assertThat(e.detail())
                                .startsWith(message));
    }
}
