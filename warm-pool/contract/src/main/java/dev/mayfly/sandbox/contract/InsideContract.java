package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a program sees of itself. */
public interface InsideContract {
    Subject subject();

    /** Variables that the class adds and that cannot be kept from it. */
    default Map<String, String> addedVariables() {
        return Map.of();
    }

    @Test
    default void theEnvironmentIsExactlyOurs() throws Exception {
        Started ended = subject()
                .run(subject()
                        .program("/bin/busybox", "env")
                        .env(Map.of("A", "1", "B", "x y=z", "PATH", "/bin:/data")));
        Map<String, String> expected =
                new TreeMap<>(Map.of("A", "1", "B", "x y=z", "PATH", "/bin:/data", "HOME", "/tmp", "LANG", "C.UTF-8"));
        expected.putAll(addedVariables());
        assertThat(ended.out())
                .containsExactlyInAnyOrderElementsOf(expected.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
    }

    @Test
    default void argumentsArriveAsTheyAre() throws Exception {
        Started ended =
                subject().run(subject().program("/bin/busybox", "printf", "%s|", "a b", "", "$(id)", "'\"\\", "é"));
        assertThat(ended.out()).containsExactly("a b||$(id)|'\"\\|é|");
    }

    @Test
    default void itStandsInItsWorkingDirectory() throws Exception {
        Started ended = subject().run(subject().program("/bin/busybox", "pwd").in("/workspace"));
        assertThat(ended.out()).singleElement().asString().endsWith("/workspace");
    }

    @Test
    default void itIsOurUserAndNobodyElse() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started ended = subject().run(subject().shell("grep -E '^(Uid|Gid|Groups)' /proc/self/status; hostname"));
        assertThat(ended.out().stream().map(line -> line.replaceAll("\\s+", " ").strip()))
                .containsExactly(
                        "Uid:" + (" " + SandboxRequest.UID).repeat(4),
                        "Gid:" + (" " + SandboxRequest.UID).repeat(4),
                        ended.out().get(2).replaceAll("\\s+", " ").strip(),
                        "mayfly");
        assertThat(ended.out().get(2).replaceAll("\\s+", " ").strip()).isIn("Groups:", "Groups: " + SandboxRequest.UID);
    }

    @Test
    default void oneSandboxFindsNothingOfAnother() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        try (Started first = subject().start(subject().shell("echo secret >/tmp/left; echo up; sleep 60"))) {
            first.awaitLine("up");
            Started second =
                    subject().run(subject().shell("ls -A /tmp; ls /proc | grep -c '^[0-9]'; cat /proc/1/cmdline"));
            assertThat(second.text()).doesNotContain("left").contains("/proc/1/cmdline");
            assertThat(Integer.parseInt(second.out().getFirst())).isLessThan(6);
        }
    }
}
