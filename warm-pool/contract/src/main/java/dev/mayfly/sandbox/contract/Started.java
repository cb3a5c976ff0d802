package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** A sandbox with what it has printed so far. */
public record Started(Sandbox sandbox, List<String> out, List<String> err) implements AutoCloseable {
    private static final int SECONDS_MAX = 60;

    public SandboxExit exit() throws Exception {
        try {
            return sandbox.exit().get(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("it does not end; it uses " + sandbox.usage() + " and printed: " + text(), e);
        }
    }

    /** Waits until it has printed this line. */
    public void awaitLine(String line) throws Exception {
        await(line, line::equals);
    }

    void awaitLineThatBegins(String words) throws Exception {
        await(words, line -> line.startsWith(words));
    }

    private void await(String line, Predicate<String> is) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!printed(is)) {
            assertThat(System.nanoTime() - deadline)
                    .as("time to wait for '%s'; printed so far: %s %s", line, out, err)
                    .isNegative();
            assertThat(sandbox.exit().isDone() && !printed(is))
                    .as("ended before it printed '%s': %s %s", line, out, err)
                    .isFalse();
            Thread.sleep(2);
        }
    }

    private boolean printed(Predicate<String> is) {
        return List.copyOf(out).stream().anyMatch(is);
    }

    /** All of it, both streams, as one text. */
    String text() {
        return String.join("\n", out) + "\n" + String.join("\n", err);
    }

    @Override
    public void close() {
        try {
            assertThat(sandbox.destroy()).as("left after destroying").isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
