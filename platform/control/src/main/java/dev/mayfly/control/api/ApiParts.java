package dev.mayfly.control.api;

import dev.mayfly.control.deploy.AppService;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.control.live.ClusterInstances;
import dev.mayfly.control.live.ClusterPools;
import dev.mayfly.control.live.EventHub;
import dev.mayfly.control.logs.AppLogs;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.identity.Identity;
import dev.mayfly.store.Store;
import java.nio.file.Path;

/**
 * What the API speaks for.
 *
 * @param builds folder of the builds' logs
 * @param gatewayPort where requests to apps go in
 * @param publicUrl how people reach this API, without a slash at its end
 */
public record ApiParts(
        Store store,
        Identity identity,
        AppService apps,
        Deployer deployer,
        ClusterInstances instances,
        ClusterPools pools,
        EventHub events,
        AppLogs logs,
        AppUrls urls,
        Path builds,
        int gatewayPort,
        String publicUrl,
        String version,
        String commit) {}
