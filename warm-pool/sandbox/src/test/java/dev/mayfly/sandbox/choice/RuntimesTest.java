package dev.mayfly.sandbox.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.sandbox.SandboxConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RuntimesTest {
    @Test
    void theFirstThatWorksIsTheDefaultAndNothingWeakerIsOffered() {
        assertThat(offered("auto", Set.of("crun", "runsc", "docker", "process")))
                .containsExactly("crun", "runsc", "docker");
        assertThat(offered("auto", Set.of("native", "runc", "process"))).containsExactly("native", "runc");
        assertThat(offered("runsc", Set.of("runc", "crun", "runsc", "docker", "process")))
                .containsExactly("runsc");
        assertThat(offered("docker", Set.of("runc", "docker", "process"))).containsExactly("docker", "runc");
    }

    @Test
    void noAppChoosesToRunWithoutIsolationUnlessTheOperatorDid() {
        assertThat(offered("auto", Set.of("runc", "process"))).containsExactly("runc");
        assertThat(offered("auto", Set.of("process"))).containsExactly("process");
        assertThat(offered("process", Set.of("runc", "process"))).containsExactly("process", "runc");
        assertThat(offered("runc", Set.of("runc", "process"), "process")).containsExactly("runc", "process");
    }

    @Test
    void whatTheOperatorListsIsOfferedAndNothingElse() {
        assertThat(offered("runsc", Set.of("runc", "crun", "runsc"), "runc")).containsExactly("runsc", "runc");
    }

    @Test
    void whatDoesNotWorkIsNotTakenSilently() {
        assertThatThrownBy(() -> offered("kata", Set.of("runc")))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> assertThat(e.detail()).isEqualTo("sandbox.runtime: 'kata' does not work here: broken"));
        assertThatThrownBy(() -> offered("runc", Set.of("runc"), "runsc"))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> assertThat(e.detail()).isEqualTo("sandbox.offered: 'runsc' does not work here: broken"));
    }

    @Test
    void aClassThatNobodyKnowsIsNamed() {
        assertThatThrownBy(() -> config("podman"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sandbox.runtime")
                .hasMessageContaining("'podman'")
                .hasMessageContaining("auto or one of native, runc, crun, runsc, kata, docker, process");
        assertThatThrownBy(() -> config("runc", "podman")).hasMessageContaining("sandbox.offered");
    }

    @Test
    void versionsAreComparedByTheirNumbers() {
        assertThat(RuntimeProbe.older("1.1.5+ds1", 1, 3, 6)).isTrue();
        assertThat(RuntimeProbe.older("1.3.6+ds1-1", 1, 3, 6)).isFalse();
        assertThat(RuntimeProbe.older("1.4", 1, 3, 6)).isFalse();
        assertThat(RuntimeProbe.older("1.3", 1, 3, 6)).isTrue();
        assertThat(RuntimeProbe.older("28.5.2+dfsg4", 29, 4, 3)).isTrue();
        assertThat(RuntimeProbe.older("29.10.0", 29, 4, 3)).isFalse();
    }

    private static SandboxConfig config(String runtime, String... offered) {
        return new SandboxConfig(
                runtime,
                List.of(offered),
                SandboxConfig.DEFAULTS.programs(),
                SandboxConfig.DEFAULTS.dockerSocket(),
                true);
    }

    private static List<String> offered(String runtime, Set<String> working, String... offered) {
        List<RuntimeProbe.Finding> findings = SandboxConfig.CLASSES.stream()
                .map(name -> new RuntimeProbe.Finding(
                        name,
                        Optional.of("1.0"),
                        working.contains(name) ? Optional.empty() : Optional.of("broken"),
                        Optional.empty(),
                        ""))
                .toList();
        return Runtimes.offered(config(runtime, offered), findings);
    }
}
