package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.SandboxExit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class OutputTest {
    private static final SandboxExit END = new SandboxExit(0, SandboxExit.Cause.ENDED);

    @Test
    void anErrorOfWhoTakesTheLinesHoldsNeitherTheProgramNorItsEnd() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        AtomicBoolean failed = new AtomicBoolean();
        AtomicInteger taken = new AtomicInteger();
        Output output = new Output(
                (_, line) -> {
                    if (failed.compareAndSet(false, true)) {
                        throw new OutOfMemoryError("of the test");
                    }
                    lines.add(line);
                },
                taken::addAndGet);
        output.add(false, "one\n".getBytes(StandardCharsets.UTF_8));
        output.add(false, "two\n".getBytes(StandardCharsets.UTF_8));
        output.end(END);
        assertThat(output.exit().get(20, TimeUnit.SECONDS)).isEqualTo(END);
        assertThat(taken).hasValue(8);
        assertThat(lines).contains("two");
    }
}
