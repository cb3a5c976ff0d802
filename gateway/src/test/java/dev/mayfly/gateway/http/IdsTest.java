package dev.mayfly.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids of requests and traces: our own, and which of the callers' are taken. */
final class IdsTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final RequestIds ids = new RequestIds(clock);

    @Test
    void ourOwnAreUniqueAndSortByTime() {
        String first = ids.next();
        String second = ids.next();
        clock.advance(Duration.ofMillis(1));
        String later = ids.next();
        assertThat(first).matches("req_[0-9a-z]{18}").isNotEqualTo(second);
        assertThat(first.substring(0, 14)).isEqualTo(second.substring(0, 14)).isLessThan(later.substring(0, 14));
        assertThat(RequestIds.acceptable(first)).isTrue();
    }

    @Test
    void ourOwnTracesAreValid() {
        String trace = ids.nextTraceParent();
        assertThat(TraceParent.valid(trace)).isTrue();
        assertThat(trace).isNotEqualTo(ids.nextTraceParent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-1_b.c:d+e/f=", "0af7651916cd43dd"})
    void aHarmlessIdIsTaken(String id) {
        assertThat(RequestIds.acceptable(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\nb", "<a>", "\"", "é", "a;b"})
    void anyOtherIsNot(String id) {
        assertThat(RequestIds.acceptable(id)).isFalse();
    }

    @Test
    void noIdIsLongerThan128Characters() {
        assertThat(RequestIds.acceptable("a".repeat(128))).isTrue();
        assertThat(RequestIds.acceptable("a".repeat(129))).isFalse();
    }

    @Test
    void aTraceHasAnId() {
        assertThat(TraceParent.valid(TRACE)).isTrue();
        assertThat(TraceParent.traceId(TRACE)).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g"
            })
    void whatIsNoTraceIsNone(String value) {
        assertThat(TraceParent.valid(value)).isFalse();
    }
}
