package dev.mayfly.sandbox.choice;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.launcher.NativeRuntime;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import dev.mayfly.sandbox.oci.OciRuntime;
import dev.mayfly.sandbox.process.ProcessRuntime;
import java.nio.file.Path;
import java.util.List;

/** Opens the runtime class that the operator chose, or the strongest that works. */
public final class Runtimes {
    private Runtimes() {}

    /**
     * @param run folder for everything that sandboxes need; emptied of a predecessor's
     * @throws MayflyException {@code CONFIG_INVALID} if the chosen class does not work here, saying why
     */
    public static SandboxRuntime open(SandboxConfig config, NetworkConfig network, Path run)
            throws InterruptedException {
        List<RuntimeProbe.Finding> findings = RuntimeProbe.all();
        RuntimeProbe.Finding chosen = findings.stream()
                .filter(finding -> config.runtime().equals("auto")
                        ? finding.works()
                        : finding.name().equals(config.runtime()))
                .findFirst()
                .orElseThrow();
        chosen.missing().ifPresent(why -> {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID, "sandbox.runtime: '" + chosen.name() + "' does not work here: " + why);
        });
        if (chosen.name().equals("process")) {
            return new ProcessRuntime();
        }
        String tag = tag(run);
        Networks networks = new Networks(network, run.resolve("netns"), tag);
        SandboxRuntime runtime = chosen.name().equals("native")
                ? new NativeRuntime(run, tag, networks)
                : new OciRuntime(chosen.name(), run, tag, networks);
        runtime.sweep();
        return runtime;
    }

    /** Four hexadecimal characters that stay the same for a data folder. */
    public static String tag(Path folder) {
        return String.format(
                "%04x", folder.toAbsolutePath().normalize().toString().hashCode() & 0xffff);
    }
}
