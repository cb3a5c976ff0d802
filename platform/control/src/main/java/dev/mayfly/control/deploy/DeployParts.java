package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildEngine;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;

/**
 * What deploys stand on.
 *
 * @param server name of this server
 * @param builds folder of the builds' logs
 */
public record DeployParts(
        Store store,
        BuildEngine engine,
        Instances instances,
        RouteSink routes,
        AppUrls urls,
        LiveEvents events,
        KeepConfig keep,
        MeterRegistry meters,
        Path builds,
        String server,
        Clock clock) {}
