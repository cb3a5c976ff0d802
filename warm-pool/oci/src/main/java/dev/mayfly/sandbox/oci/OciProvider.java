package dev.mayfly.sandbox.oci;

import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.Prerequisites;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.RuntimeProvider;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Strength;
import dev.mayfly.sandbox.network.SharedNetworks;
import java.util.List;
import java.util.Optional;

/**
 * A runtime class whose program keeps to the OCI runtime specification.
 *
 * @param program {@code sandbox.crun-program}, {@code sandbox.kata-program}, {@code sandbox.runc-program},
 *     {@code sandbox.runsc-program}: path or name of its program
 */
public record OciProvider(OciClass kind, String program, SharedNetworks networks) implements RuntimeProvider {
    public static OciProvider runc(ConfigReader config, SharedNetworks networks) {
        return new OciProvider(OciClass.RUNC, config.string("sandbox.runc-program", "runc"), networks);
    }

    public static OciProvider crun(ConfigReader config, SharedNetworks networks) {
        return new OciProvider(OciClass.CRUN, config.string("sandbox.crun-program", "crun"), networks);
    }

    public static OciProvider runsc(ConfigReader config, SharedNetworks networks) {
        return new OciProvider(OciClass.RUNSC, config.string("sandbox.runsc-program", "runsc"), networks);
    }

    public static OciProvider kata(ConfigReader config, SharedNetworks networks) {
        return new OciProvider(OciClass.KATA, config.string("sandbox.kata-program", "kata-runtime"), networks);
    }

    @Override
    public String name() {
        return kind.wireName();
    }

    @Override
    public Strength strength() {
        return kind.strength();
    }

    @Override
    public RuntimeFinding probe() throws InterruptedException {
        Optional<String> said = said();
        Optional<String> version = said.flatMap(OciClass::version);
        Optional<String> missing = said.isEmpty()
                ? Optional.of("'" + program + "' is not installed" + kind.advice())
                : Prerequisites.missing().or(kind::missing);
        Optional<String> tooOld =
                said.isEmpty() ? Optional.empty() : version.map(kind::tooOld).orElseGet(kind::withoutVersion);
        return new RuntimeFinding(name(), strength(), version, missing, tooOld, Optional.empty(), kind.cost());
    }

    /** What the program says of its version; empty: there is none that runs. */
    private Optional<String> said() throws InterruptedException {
        try {
            HostCommands.Result result = HostCommands.attempt("", List.of(program, "--version"));
            return result.exit() == 0 ? Optional.of(result.output()) : Optional.empty();
        } catch (MayflyException e) {
            return Optional.empty();
        }
    }

    /** Makes mounts below the folder visible to programs that have a view of their own. Before anything is mounted there. */
    @Override
    public void prepare(RuntimeSite site) throws InterruptedException {
        if (MountNamespace.refusal().isEmpty()) {
            OwnView.share(site.folder());
        }
    }

    @Override
    public SandboxRuntime open(RuntimeSite site) throws InterruptedException {
        return OciRuntime.open(kind, program, site.folder(), site.tag(), networks.get());
    }

    @Override
    public void cleanUp(RuntimeSite site) throws InterruptedException {
        if (MountNamespace.refusal().isEmpty()) {
            OwnView.unshare(site.folder());
        }
    }
}
