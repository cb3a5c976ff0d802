package dev.mayfly.control.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who shares a repository and who has it alone. */
@Timeout(60)
final class GatesTest {
    private static final AppRef APP = AppRef.of("local", "shop");
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Gates gates = new Gates();

    @Test
    void sharersKeepOutWhoWantsItAloneAndTheOtherWayRound() throws Exception {
        Gates.Hold one = gates.share(APP, Duration.ZERO).orElseThrow();
        Gates.Hold two = gates.share(APP, Duration.ZERO).orElseThrow();
        one.close();
        assertThat(gates.alone(APP, Duration.ZERO)).isEmpty();
        two.close();
        Gates.Hold alone = gates.alone(APP, Duration.ZERO).orElseThrow();
        assertThat(gates.alone(APP, Duration.ZERO)).isEmpty();
        assertThat(gates.share(APP, Duration.ZERO)).isEmpty();
        assertThat(gates.share(AppRef.of("local", "other"), Duration.ZERO)).isPresent();
        alone.close();
        assertThat(gates.share(APP, Duration.ZERO)).isPresent();
    }

    @Test
    void whoWaitsComesInWhenTheOtherLeaves() throws Exception {
        Gates.Hold alone = gates.alone(APP, Duration.ZERO).orElseThrow();
        FutureTask<Gates.Hold> waiting =
                new FutureTask<>(() -> gates.share(APP, LONG).orElseThrow());
        Thread.ofVirtual().start(waiting);
        alone.close();
        waiting.get().close();
        gates.alone(APP, Duration.ZERO).orElseThrow().close();
    }
}
