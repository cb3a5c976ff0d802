package dev.mayfly.server;

import dev.mayfly.builders.engine.EngineConfig;
import dev.mayfly.builders.engine.base.BaseConfig;
import dev.mayfly.builders.engine.network.OperatorNetwork;
import dev.mayfly.cluster.ClusterConfig;
import dev.mayfly.control.ControlConfig;
import dev.mayfly.control.deploy.KeepConfig;
import dev.mayfly.control.git.GitConfig;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.gateway.GatewayConfig;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.disk.DiskConfig;
import dev.mayfly.store.StoreConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * All settings of the server. What nobody reads is refused.
 *
 * @param data {@code data}: folder of everything that lasts
 * @param server {@code server.name}: name of this server; empty: made out of the machine's name and the folder
 * @param toolchains {@code toolchains.folder}: folder of runtimes and compilers; servers of a machine may share it
 */
record Settings(
        Path data,
        Optional<String> server,
        Path toolchains,
        GatewayConfig gateway,
        ControlConfig control,
        ManagementConfig management,
        AppUrls urls,
        GitConfig git,
        StoreConfig store,
        DiskConfig disk,
        KeepConfig keep,
        ClusterConfig cluster,
        PoolConfig pool,
        RuntimeProviders runtimes,
        EngineConfig engine,
        BaseConfig base,
        OperatorNetwork operator) {

    /** @throws dev.mayfly.runtime.config.ConfigException naming the key, its value and what was expected */
    static Settings read(ConfigReader config, Map<String, String> environment) {
        Path data = config.path("data", Path.of("data")).toAbsolutePath().normalize();
        GatewayConfig gateway = GatewayConfig.from(config);
        ControlConfig control = ControlConfig.from(config);
        Settings settings = new Settings(
                data,
                config.optional("server.name"),
                config.path("toolchains.folder", data.resolve("toolchains")).toAbsolutePath(),
                gateway,
                control,
                ManagementConfig.from(config, control.port()),
                AppUrls.from(config).withGatewayPort(gateway.port()),
                GitConfig.from(config),
                StoreConfig.from(config, data),
                DiskConfig.from(config),
                KeepConfig.from(config),
                ClusterConfig.from(config),
                PoolSettings.from(config),
                RuntimeProviders.from(config),
                EngineConfig.from(config),
                BaseConfig.from(config, data),
                OperatorNetwork.from(config, environment, Path.of(System.getProperty("user.home"))));
        config.rejectUnknown();
        return settings;
    }
}
