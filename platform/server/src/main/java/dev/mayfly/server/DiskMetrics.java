package dev.mayfly.server;

import dev.mayfly.model.TenantName;
import dev.mayfly.runtime.disk.DiskSpace;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.stream.Collectors;

/** What is free on the data folder's disk, and who takes it: one series for each tenant. */
final class DiskMetrics {
    private final MultiGauge tenants;

    DiskMetrics(DiskSpace space, MeterRegistry meters) {
        Gauge.builder("mayfly.disk.free.bytes", space, each -> each.room().bytes())
                .description("Room on the data folder's disk")
                .strongReference(true)
                .register(meters);
        Gauge.builder("mayfly.disk.reserve.bytes", space, each -> each.reserveBytes(each.room()))
                .description("Room that is kept for the database and the logs")
                .strongReference(true)
                .register(meters);
        tenants = MultiGauge.builder("mayfly.tenant.disk.bytes")
                .description("What a tenant takes of the disk, as last measured")
                .register(meters);
    }

    /** @param bytes of each tenant that was measured */
    void tenants(Map<TenantName, Long> bytes) {
        tenants.register(
                bytes.entrySet().stream()
                        .map(each -> MultiGauge.Row.of(
                                Tags.of("tenant", each.getKey().value()), each.getValue()))
                        .collect(Collectors.toList()),
                true);
    }
}
