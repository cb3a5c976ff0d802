package dev.mayfly.builders.engine.toml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BoundedTomlTest {
    @Test
    void emptyLinesAndCommentsChangeNothing() {
        String text = """
                # A comment, and "a quote" in it

                a = "x # no comment"  # a comment

                [b] # another

                c = [ # in an array

                  1, # one

                  2
                ]
                d = '''
                # no comment

                # still none
                '''
                e = "\\"# none\\"" #
                """;
        for (String each : List.of(text, text.replace("\n", "\r\n"))) {
            var toml = BoundedToml.parse(each).table();
            assertThat(toml.getString("a")).isEqualTo("x # no comment");
            assertThat(Objects.requireNonNull(toml.getArray("b.c")).toList()).containsExactly(1L, 2L);
            assertThat(Objects.requireNonNull(toml.getString("b.d")).replace("\r", ""))
                    .isEqualTo("# no comment\n\n# still none\n");
            assertThat(toml.getString("b.e")).isEqualTo("\"# none\"");
        }
    }

    @Test
    void linesAreThoseOfTheFile() {
        String text = "\n\n# x\na = 1\n\n\n\nb = '''\n\n\n'''\n\n#\nc = 2\n";
        BoundedToml toml = BoundedToml.parse(text);
        assertThat(toml.line(toml.table().inputPositionOf("a"))).isEqualTo(4);
        assertThat(toml.line(toml.table().inputPositionOf("b"))).isEqualTo(8);
        assertThat(toml.line(toml.table().inputPositionOf("c"))).isEqualTo(14);
        assertThatThrownBy(() -> BoundedToml.parse(text + "\n\n\nd = \n"))
                .isInstanceOfSatisfying(
                        BoundedToml.Wrong.class,
                        wrong -> assertThat(wrong.line()).isEqualTo(18));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = 1 # \u0001",
                "a = 1 # \u007f",
                "a = \"x",
                "a = '''x",
                "a = \"\\",
                "a = [1",
                "\r",
                "a = 1\rb = 2"
            })
    void whatIsNoTomlIsStillNone(String text) {
        assertThatThrownBy(() -> BoundedToml.parse(text)).isInstanceOf(BoundedToml.Wrong.class);
    }

    @Test
    void moreThanCanBeMeantIsRefusedAndSaysWhere() {
        refused("a=1\n".repeat(17_000), "size: ");
        refused("x=[" + "1,".repeat(6_000) + "1]", "more than 10000 words and signs");
        refused("\n\nx=" + "[".repeat(17), "brackets 17 deep (expected: at most 16)");
        refused("a.".repeat(20) + "b=1", "a key of more than 16 parts");
        for (String each : List.of("x=1-" + "T".repeat(10_001), "x=1-" + "1Z".repeat(5_001), "\u00e9".repeat(10_001))) {
            refused(each, "more than 10000 words and signs");
        }
        refused("x='''\n" + "y\n".repeat(4_001) + "'''", "more than 4000 lines that hold something");
    }

    private static void refused(String text, String why) {
        assertThatThrownBy(() -> BoundedToml.parse(text))
                .isInstanceOf(BoundedToml.Wrong.class)
                .hasMessageContaining(why);
    }
}
