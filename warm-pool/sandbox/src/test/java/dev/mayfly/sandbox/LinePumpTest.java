package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinePumpTest {
    /** Else the program would wait for ever in a pipe that nobody reads. */
    @Test
    void whoeverTakesTheLinesCannotStopTheReading() throws Exception {
        List<String> taken = new CopyOnWriteArrayList<>();
        LinePump.start(piecewise("one\n", "two\n", "three\n"), new OutputLimit(), line -> {
                    if (!line.equals("three")) {
                        throw new OutOfMemoryError("of the test");
                    }
                    taken.add(line);
                })
                .get(20, TimeUnit.SECONDS);
        assertThat(taken).containsExactly("three");
    }

    /** As from a pipe: a read brings one piece at most. */
    private static InputStream piecewise(String... pieces) {
        return new InputStream() {
            private int next;
            private InputStream piece = new ByteArrayInputStream(new byte[0]);

            @Override
            public int read() throws IOException {
                throw new IOException("one byte at a time (expected: an array)");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                if (piece.available() == 0 && next < pieces.length) {
                    piece = new ByteArrayInputStream(pieces[next++].getBytes(StandardCharsets.UTF_8));
                }
                return piece.read(into, from, length);
            }
        };
    }
}
