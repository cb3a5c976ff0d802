package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.runtime.metrics.Metrics;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PoolMetricsTest {
    @Test
    void showsWhatThePoolHoldsAndHasGivenOut() {
        PoolView view = new PoolView(
                Map.of(InstanceState.READY, 3, InstanceState.FROZEN, 2),
                List.of(
                        new PoolView.Generic("node", 1, 2, 4, 300, 6, 1),
                        new PoolView.Generic("python", 3, 0, 3, 100, 5, 2)),
                5,
                6,
                700,
                8_000,
                Map.of(StartKind.THAWED, 9L),
                10,
                11,
                12,
                OptionalLong.of(4_000),
                new PoolView.Caps(200, 100, 50, 8, 9_000, 512, 1_000, 16));
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
                            "mayfly_pool_memory_free_mib 4000.0",
                            "mayfly_pool_generic_claims_total 11.0",
                            "mayfly_pool_generic_misses_total 12.0",
                            "mayfly_pool_generic_refill_max_seconds 0.3",
                            "mayfly_pool_cap{of=\"instances\",} 200.0",
                            "mayfly_pool_cap{of=\"tenant_instances\",} 100.0",
                            "mayfly_pool_cap{of=\"release_instances\",} 50.0",
                            "mayfly_pool_cap{of=\"starts\",} 8.0",
                            "mayfly_pool_cap{of=\"tenant_memory_mib\",} 9000.0",
                            "mayfly_pool_cap{of=\"memory_reserve_mib\",} 512.0",
                            "mayfly_pool_cap{of=\"waiting\",} 1000.0",
                            "mayfly_pool_cap{of=\"generic_of_kind\",} 16.0",
                            "mayfly_pool_generic{state=\"ready\",} 4.0",
                            "mayfly_pool_generic{state=\"starting\",} 2.0",
                            "mayfly_pool_generic{state=\"target\",} 7.0");
        }
    }
}
