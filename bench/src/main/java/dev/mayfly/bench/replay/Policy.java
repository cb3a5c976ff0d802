package dev.mayfly.bench.replay;

import dev.mayfly.pool.core.keep.FixedKeepAlive;
import dev.mayfly.pool.core.keep.HistogramKeepAlive;
import dev.mayfly.pool.core.keep.KeepAlive;
import dev.mayfly.pool.core.keep.LearnedKeepAlive;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * When an idle app is loaded, and who goes first when memory is short.
 *
 * @param fresh a policy that has learned nothing
 */
public record Policy(String name, Supplier<KeepAlive> fresh, Order order) {
    private static final Duration FOR_EVER = Duration.ofDays(3_650);

    /** Who goes first. */
    public enum Order {
        /** Who was used longest ago. */
        LEAST_RECENT,
        /** FaasCache: the lowest {@code clock + uses × cost / size}. */
        GREEDY_DUAL,
        /** The lowest urgency × cost / size, as in the pool's core. */
        URGENCY
    }

    public static Policy fixed(Duration time) {
        String name = "fixed-" + (time.toMinutes() > 0 ? time.toMinutes() : time.toSeconds() + "s");
        return new Policy(name, () -> new FixedKeepAlive(time), Order.LEAST_RECENT);
    }

    public static Policy histogram(Duration range, Duration fallback) {
        String name = String.format(Locale.ROOT, "histogram-%dm-else-%dm", range.toMinutes(), fallback.toMinutes());
        return new Policy(name, () -> new HistogramKeepAlive(range, fallback), Order.URGENCY);
    }

    /** Ours, by how long an instance may idle to save a second of waiting. */
    public static Policy learned(Duration worth) {
        return new Policy("learned-" + worth.toMinutes(), () -> new LearnedKeepAlive(worth), Order.URGENCY);
    }

    /**
     * Knative's autoscaler at an execution time of 0: its concurrency is 0 at every look, so a revision keeps its one instance
     * for the stable window of 60 s after a call, and the grace of 30 s.
     */
    public static Policy kpa() {
        return new Policy("kpa", () -> new FixedKeepAlive(Duration.ofSeconds(90)), Order.LEAST_RECENT);
    }

    /** Keeps all until memory is short. */
    public static Policy untilShort(String name, Order order) {
        return new Policy(name, () -> new FixedKeepAlive(FOR_EVER), order);
    }
}
