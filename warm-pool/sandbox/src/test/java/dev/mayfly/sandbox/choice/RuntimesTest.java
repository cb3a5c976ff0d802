package dev.mayfly.sandbox.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.Strength;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    void whatIsTooOldIsNobodysUnlessTheConfigurationNamesIt() {
        assertThat(Runtimes.offered(config("auto"), findings(Set.of("native", "runc", "crun", "process"), "runc")))
                .containsExactly("native", "crun");
        assertThat(Runtimes.offered(config("auto"), findings(Set.of("runc", "crun", "process"), "runc")))
                .containsExactly("crun");
        assertThat(Runtimes.offered(config("auto", "runc"), findings(Set.of("native", "runc", "crun"), "runc")))
                .containsExactly("native", "runc");
        assertThat(Runtimes.offered(config("runc"), findings(Set.of("runc", "crun", "process"), "runc", "crun")))
                .containsExactly("runc");
    }

    @Test
    void whereAllIsTooOldTheOperatorDecidesAndNothingWeakerIsTaken() {
        assertThatThrownBy(() ->
                        Runtimes.offered(config("auto"), findings(Set.of("runc", "crun", "process"), "runc", "crun")))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> assertThat(e.detail())
                                .contains("runc 1.0, old; crun 1.0, old")
                                .contains("gcc")
                                .contains("sandbox.runtime = \"runc\""));
    }

    private static final Map<String, Strength> CLASSES = classes();

    private static Map<String, Strength> classes() {
        Map<String, Strength> all = new LinkedHashMap<>();
        all.put("native", Strength.SHARED_KERNEL);
        all.put("runc", Strength.SHARED_KERNEL);
        all.put("crun", Strength.SHARED_KERNEL);
        all.put("runsc", Strength.OWN_KERNEL);
        all.put("kata", Strength.OWN_MACHINE);
        all.put("docker", Strength.SHARED_KERNEL);
        all.put("process", Strength.NONE);
        return all;
    }

    private static SandboxConfig config(String runtime, String... offered) {
        return new SandboxConfig(runtime, List.of(offered)).requireKnown(List.copyOf(CLASSES.keySet()));
    }

    private static List<String> offered(String runtime, Set<String> working, String... offered) {
        return Runtimes.offered(config(runtime, offered), findings(working));
    }

    private static List<RuntimeFinding> findings(Set<String> working, String... old) {
        return CLASSES.entrySet().stream()
                .map(each -> new RuntimeFinding(
                        each.getKey(),
                        each.getValue(),
                        Optional.of("1.0"),
                        working.contains(each.getKey()) ? Optional.empty() : Optional.of("broken"),
                        List.of(old).contains(each.getKey()) ? Optional.of("old") : Optional.empty(),
                        Optional.empty(),
                        ""))
                .toList();
    }
}
