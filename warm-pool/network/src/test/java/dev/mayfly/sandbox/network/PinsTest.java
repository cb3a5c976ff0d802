package dev.mayfly.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PinsTest {
    private static final Pin ONE = pin(1);
    private static final Pin TWO = pin(2);

    @Test
    void aPinOutlivesTheAnswer() {
        Pins.Change change = new Pins().plan(List.of(ONE), 600_000, 0);
        assertThat(change.add()).containsExactly(ONE);
        assertThat(change.drop()).isEmpty();
        assertThat(change.timeoutMs()).isGreaterThan(600_000);
    }

    @Test
    void whatIsThereLongEnoughIsLeftAlone() {
        Pins pins = new Pins();
        apply(pins, List.of(ONE), 10_000, 0);
        Pins.Change again = pins.plan(List.of(ONE, TWO), 10_000, 1_000);
        assertThat(again.add()).containsExactly(TWO);
        assertThat(again.drop()).isEmpty();
    }

    @Test
    void whatWouldEndTooSoonIsPutInAnew() {
        Pins pins = new Pins();
        apply(pins, List.of(ONE), 10_000, 0);
        Pins.Change later = pins.plan(List.of(ONE), 10_000, 120_000);
        assertThat(later.add()).containsExactly(ONE);
        assertThat(later.drop()).containsExactly(ONE);
    }

    @Test
    void whatHasEndedIsForgotten() {
        Pins pins = new Pins();
        apply(pins, List.of(ONE), 1_000, 0);
        Pins.Change later = pins.plan(List.of(TWO), 1_000, 10_000_000);
        pins.done(later, 10_000_000);
        assertThat(pins.all()).containsExactly(TWO);
    }

    @Test
    void beyondTheLimitTheOnesThatEndFirstMakeRoom() {
        Pins pins = new Pins();
        List<Pin> many = IntStream.range(0, Pins.MAX).mapToObj(PinsTest::pin).toList();
        apply(pins, many.subList(0, 1), 1_000, 0);
        apply(pins, many.subList(1, Pins.MAX), 1_000_000, 0);
        Pins.Change change = pins.plan(List.of(pin(Pins.MAX)), 1_000, 1);
        assertThat(change.drop()).containsExactly(many.getFirst());
        pins.done(change, 1);
        assertThat(pins.all()).hasSize(Pins.MAX).contains(pin(Pins.MAX)).doesNotContain(many.getFirst());
    }

    private static void apply(Pins pins, List<Pin> wanted, long ttlMs, long nowMs) {
        pins.done(pins.plan(wanted, ttlMs, nowMs), nowMs);
    }

    private static Pin pin(int n) {
        return new Pin(InetAddress.ofLiteral("198.51." + n / 256 + "." + n % 256), Pin.TCP, 443);
    }
}
