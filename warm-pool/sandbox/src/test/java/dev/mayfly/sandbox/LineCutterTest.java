package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineCutterTest {
    private final List<String> lines = new ArrayList<>();
    private final LineCutter cutter = new LineCutter(lines::add);

    @Test
    void cutsWhereLinesEndWhateverThePieces() {
        for (String piece : List.of("on", "e\ntwo\r\n", "\n", "3", "€".repeat(200), "\nlast")) {
            feed(piece);
        }
        assertThat(lines).containsExactly("one", "two", "", "3" + "€".repeat(200));
        cutter.end();
        assertThat(lines).endsWith("last").hasSize(5);
        cutter.end();
        assertThat(lines).hasSize(5);
    }

    @Test
    void givesLongLinesInParts() {
        feed("a".repeat(LineCutter.LINE_BYTES_MAX) + "b\n" + "c".repeat(LineCutter.LINE_BYTES_MAX) + "\nd\n");
        assertThat(lines)
                .containsExactly(
                        "a".repeat(LineCutter.LINE_BYTES_MAX), "b", "c".repeat(LineCutter.LINE_BYTES_MAX), "d");
    }

    @Test
    void whatCannotBeTakenIsLostAndNothingElse() {
        List<String> taken = new ArrayList<>();
        LineCutter failing = new LineCutter(line -> {
            if (line.equals("bad")) {
                throw new OutOfMemoryError("of the test");
            }
            taken.add(line);
        });
        for (String piece : List.of("good\nbad\n", "better\nba", "d\n", "best\n", "bad")) {
            byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
            failing.feed(bytes, 0, bytes.length);
        }
        failing.end();
        assertThat(taken).containsExactly("good", "better", "best");
    }

    private void feed(String piece) {
        byte[] bytes = ("<<" + piece).getBytes(StandardCharsets.UTF_8);
        cutter.feed(bytes, 2, bytes.length - 2);
    }
}
