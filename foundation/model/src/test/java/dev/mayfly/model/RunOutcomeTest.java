package dev.mayfly.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RunOutcomeTest {
    @Test
    void onlyAnExitCodeOfZeroIsASuccess() {
        assertThat(new RunOutcome.Exited(0).succeeded()).isTrue();
        assertThat(new RunOutcome.Exited(124).succeeded()).isFalse();
        assertThat(new RunOutcome.TimedOut(Duration.ZERO).succeeded()).isFalse();
        assertThat(new RunOutcome.Killed(RunOutcome.Cause.OUT_OF_MEMORY).succeeded())
                .isFalse();
    }

    @Test
    void eachIsSaidInItsOwnWords() {
        assertThat(new RunOutcome.Exited(124).describe()).isEqualTo("ended with exit code 124");
        assertThat(new RunOutcome.TimedOut(Duration.ofMinutes(15)).describe()).isEqualTo("took longer than 15 minutes");
        assertThat(new RunOutcome.TimedOut(Duration.ofMinutes(1)).describe()).isEqualTo("took longer than 60 seconds");
        assertThat(new RunOutcome.TimedOut(Duration.ofSeconds(150)).describe())
                .isEqualTo("took longer than 150 seconds");
        assertThat(new RunOutcome.TimedOut(Duration.ofMillis(20)).describe()).isEqualTo("took longer than 20 ms");
        assertThat(new RunOutcome.Killed(RunOutcome.Cause.OUT_OF_MEMORY).describe())
                .contains("memory");
    }
}
