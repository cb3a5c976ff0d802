package dev.mayfly.builders.toolchains.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SourcesTest {
    @ParameterizedTest
    @CsvSource({
        "3.13, true",
        "3.13.4, true",
        "3, true",
        "python-3.13.1, true",
        "'>=3.9', true",
        "'>=3.9,<4', true",
        "'>=3.11,<3.13', false",
        "'~=3.12', true",
        "'~=3.12.1', false",
        "'==3.12.*', false",
        "3.14, false",
        "2.7, false",
        "'>=2.7', true",
        "nonsense, false",
    })
    void pythonRangesFitOrDoNot(String range, boolean fits) {
        assertThat(new PythonSource().choose(Optional.of(range)).isPresent()).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"1.8, 17", "11, 17", "17, 17", "17.0.9, 17", "18, 21", "21, 21", "25, 25", "26,", "abc,"})
    void aJdkIsTheLowestThatIsHighEnough(String wanted, String version) {
        assertThat(new JdkSource(Optional.empty()).choose(Optional.of(wanted))).isEqualTo(Optional.ofNullable(version));
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(Stream.of("9.0.0", "24.10.0", "24.9.1", "1.2").sorted(Versions.NEWEST_FIRST))
                .containsExactly("24.10.0", "24.9.1", "9.0.0", "1.2");
    }
}
