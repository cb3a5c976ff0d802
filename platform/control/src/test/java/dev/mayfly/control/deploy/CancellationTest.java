package dev.mayfly.control.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class CancellationTest {
    private final Cancellation cancellation = new Cancellation();

    @Test
    void interruptsWhatItGuards() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                cancellation.during(() -> {
                    inside.countDown();
                    new CountDownLatch(1).await();
                    return true;
                });
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        inside.await();
        cancellation.ask();
        thread.join();
        assertThat(interrupted).isTrue();
    }

    @Test
    void doesNotInterruptBetweenAndIsRememberedThere() throws InterruptedException {
        assertThat(cancellation.during(() -> 1)).isEqualTo(1);
        cancellation.ask();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThatThrownBy(() -> cancellation.during(() -> 2)).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(cancellation::check).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void leavesNoInterruptBehindWhenTheGuardedWorkIgnoresIt() throws InterruptedException {
        cancellation.during(() -> {
            cancellation.ask();
            return true;
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(cancellation.asked()).isTrue();
    }
}
