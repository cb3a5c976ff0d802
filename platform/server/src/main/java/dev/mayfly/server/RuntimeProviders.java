package dev.mayfly.server;

import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.RuntimeProvider;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.choice.Runtimes;
import dev.mayfly.sandbox.docker.DockerProvider;
import dev.mayfly.sandbox.launcher.NativeProvider;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.SharedNetworks;
import dev.mayfly.sandbox.oci.OciProvider;
import dev.mayfly.sandbox.process.ProcessProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All runtime classes, and which of them are wanted: the one place where they are registered.
 *
 * @param config which of them make sandboxes
 * @param all in the order in which {@code auto} tries them
 * @param networks of those that isolate
 */
public record RuntimeProviders(SandboxConfig config, List<RuntimeProvider> all, SharedNetworks networks) {
    /** @throws dev.mayfly.runtime.config.ConfigException naming the key, its value and what was expected */
    public static RuntimeProviders from(ConfigReader config) {
        SharedNetworks networks = new SharedNetworks(NetworkConfig.from(config));
        List<RuntimeProvider> all = List.of(
                NativeProvider.from(config, networks),
                OciProvider.runc(config, networks),
                OciProvider.crun(config, networks),
                OciProvider.runsc(config, networks),
                OciProvider.kata(config, networks),
                DockerProvider.from(config, networks),
                new ProcessProvider());
        List<String> known = all.stream().map(RuntimeProvider::name).toList();
        return new RuntimeProviders(SandboxConfig.from(config, known), all, networks);
    }

    /** What is known of each on this machine. Changes nothing. */
    public List<RuntimeFinding> probe() throws InterruptedException {
        List<RuntimeFinding> findings = new ArrayList<>();
        for (RuntimeProvider each : all) {
            findings.add(each.probe());
        }
        return findings;
    }

    /** Opens those that are wanted, as {@link Runtimes#open}. */
    public Runtimes open(Path run, SandboxListener listener, Health health) throws InterruptedException {
        return Runtimes.open(config, all, List.of(networks), run, listener, health);
    }
}
