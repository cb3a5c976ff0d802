package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.runtime.metrics.Metrics;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolMetricsTest {
    @Test
    void showsWhatThePoolHoldsAndHasGivenOut() {
        PoolView view = new PoolView(
                Map.of(InstanceState.READY, 3, InstanceState.FROZEN, 2),
                List.of(new PoolView.Generic("node", 1, 2, 4, 300), new PoolView.Generic("python", 3, 0, 3, 100)),
                5,
                6,
                700,
                8_000,
                Map.of(StartKind.THAWED, 9L),
                10);
        try (Metrics metrics = new Metrics()) {
            PoolMetrics.measure(() -> view, metrics.registry());
            assertThat(metrics.scrape().lines())
                    .contains(
                            "mayfly_instances{state=\"ready\",} 3.0",
                            "mayfly_instances{state=\"frozen\",} 2.0",
                            "mayfly_instances{state=\"draining\",} 0.0",
                            "mayfly_pool_claims_total{start=\"thawed\",} 9.0",
                            "mayfly_pool_claims_total{start=\"cold\",} 0.0",
                            "mayfly_pool_misses_total 10.0",
                            "mayfly_pool_starts 5.0",
                            "mayfly_pool_waiting 6.0",
                            "mayfly_pool_memory_mib 700.0",
                            "mayfly_pool_memory_max_mib 8000.0",
                            "mayfly_pool_generic{state=\"ready\",} 4.0",
                            "mayfly_pool_generic{state=\"starting\",} 2.0",
                            "mayfly_pool_generic{state=\"target\",} 7.0");
        }
    }
}
