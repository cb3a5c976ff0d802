package dev.mayfly.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class InvalidFieldTest {
    private static final InvalidField FIELD = InvalidField.of("memory", "8 MiB", "16 to 65536 MiB");

    @Test
    void aValueDoesNotKnowWhereItWasWritten() {
        assertThat(FIELD).hasToString("memory: 8 MiB (expected: 16 to 65536 MiB)");
    }

    @Test
    void whoReadItSaysWhere() {
        InvalidField placed = FIELD.at("limits.memory", new InvalidField.Line("mayfly.toml", 3));
        assertThat(placed).hasToString("mayfly.toml:3: limits.memory: 8 MiB (expected: 16 to 65536 MiB)");
        assertThat(placed.pointer()).isEqualTo("/limits/memory");
        assertThat(placed.fault()).isEqualTo("8 MiB (expected: 16 to 65536 MiB)");
    }

    @Test
    void aNameCannotBreakOutOfItsPointer() {
        assertThat(InvalidField.of("a/b~c", 1, "2").pointer()).isEqualTo("/a~1b~0c");
    }

    @Test
    void valuesOfAManifestSayWhichFieldIsWrong() {
        assertThatThrownBy(() -> Destination.parse("x")).isInstanceOfSatisfying(InvalidFieldException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
            assertThat(e.field().path()).isEqualTo("egress");
            assertThat(e.field().value()).isEqualTo("'x'");
            assertThat(e.detail()).isEqualTo(e.field().toString());
        });
    }
}
