package dev.mayfly.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BoundTest {
    private final List<String> said = new ArrayList<>();

    @Test
    void howLongItTakesIsSaidBeforeItStarts() throws Exception {
        Bound.of(20).run(said::add, () -> said.add("it runs"));
        assertThat(said).containsExactly("takes about 20 min on a quiet machine; it is ended after 60 min", "it runs");
    }

    @Test
    void whatDoesNotEndIsInterruptedAndFails() {
        Bound bound = new Bound(Duration.ofMillis(5), Duration.ofMillis(20));
        assertThatThrownBy(() -> bound.run(said::add, () -> new CountDownLatch(1).await()))
                .isInstanceOf(IOException.class)
                .hasMessage("it did not end in 20 ms (expected: about 5 ms)");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void whatFailsInTimeFailsForItsOwnReason() {
        assertThatThrownBy(() -> Bound.of(1).run(said::add, () -> {
                    throw new IOException("no compiler");
                }))
                .hasMessage("no compiler");
    }
}
