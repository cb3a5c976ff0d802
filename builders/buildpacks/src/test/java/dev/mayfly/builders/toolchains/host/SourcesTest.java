package dev.mayfly.builders.toolchains.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SourcesTest {
    private static final DebianPackages DEBIAN = new DebianPackages(Optional.empty(), Set.of(), Map.of());

    @ParameterizedTest
    @CsvSource({
        "3.13, 3.13",
        "3.13.4, 3.13",
        "3, 3.13",
        "python-3.13.1, 3.13",
        "'>=3.9', 3.13",
        "'>=3.9,<4', 3.13",
        "'>=3.11,<3.13',",
        "'~=3.12', 3.13",
        "'~=3.12.1',",
        "'==3.12.*',",
        "3.14, 3.14",
        "3.14.2, 3.14",
        "'>=3.14', 3.14",
        "'>3.13', 3.14",
        "'!=3.13.*', 3.14",
        "'!=3.13', 3.14",
        "3.9,",
        "2.7,",
        "'>=2.7', 3.13",
        "nonsense,",
    })
    void aPythonIsTheFirstThatFits(String range, String version) {
        assertThat(new PythonSource(DEBIAN).choose(Optional.of(range))).isEqualTo(Optional.ofNullable(version));
    }

    @Test
    void withoutPrivilegesTheMachinesOwnProgramsServe() throws Exception {
        int jdk = Runtime.version().feature();
        assertThat(new MachineJdk().choose(Optional.of("17"))).hasValue(String.valueOf(jdk));
        assertThat(new MachineJdk().choose(Optional.of(String.valueOf(jdk + 1))))
                .isEmpty();
        assertThat(new MachinePython().choose(Optional.of(">=3.9")))
                .hasValue(new MachinePython().available().getFirst());
        assertThat(new MachinePython().choose(Optional.of("3.2"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1.8, 17", "11, 17", "17, 17", "17.0.9, 17", "18, 21", "21, 21", "25, 25", "26,", "abc,"})
    void aJdkIsTheLowestThatIsHighEnough(String wanted, String version) {
        assertThat(new JdkSource(DEBIAN).choose(Optional.of(wanted))).isEqualTo(Optional.ofNullable(version));
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(Stream.of("9.0.0", "24.10.0", "24.9.1", "1.2").sorted(Versions.NEWEST_FIRST))
                .containsExactly("24.10.0", "24.9.1", "9.0.0", "1.2");
    }
}
