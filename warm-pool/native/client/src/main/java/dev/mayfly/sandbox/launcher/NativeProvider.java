package dev.mayfly.sandbox.launcher;

import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.sandbox.Prerequisites;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.RuntimeProvider;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Strength;
import dev.mayfly.sandbox.network.SharedNetworks;
import java.time.Duration;
import java.util.Optional;

/**
 * The runtime class {@code native}.
 *
 * @param userNamespaces {@code sandbox.user-namespaces}: whether class {@code native} gives each sandbox user ids of its
 *     tenant's own, so that no id in it is one of the machine's
 */
public record NativeProvider(boolean userNamespaces, SharedNetworks networks) implements RuntimeProvider {
    /** A killed launcher or server has a successor before that. */
    private static final Duration KEEP = Duration.ofSeconds(30);

    public static NativeProvider from(ConfigReader config, SharedNetworks networks) {
        return new NativeProvider(config.bool("sandbox.user-namespaces", true), networks);
    }

    @Override
    public String name() {
        return NativeRuntime.NAME;
    }

    @Override
    public Strength strength() {
        return Strength.SHARED_KERNEL;
    }

    @Override
    public RuntimeFinding probe() {
        Optional<String> missing =
                NativeRuntime.program().isEmpty() ? Optional.of(NativeRuntime.missing()) : Prerequisites.missing();
        return new RuntimeFinding(
                name(), strength(), Optional.empty(), missing, Optional.empty(), Optional.empty(), "1 to 2 ms a start");
    }

    @Override
    public SandboxRuntime open(RuntimeSite site) throws InterruptedException {
        return new NativeRuntime(site.folder().resolve(name()), site.tag(), networks.get(), userNamespaces, KEEP);
    }

    /** Also where it did not open, and another class took its place. */
    @Override
    public void cleanUp(RuntimeSite site) {
        NativeRuntime.removeCgroups(site.tag());
    }
}
