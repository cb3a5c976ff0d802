package dev.mayfly.sandbox.process;

import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.RuntimeProvider;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Strength;
import java.util.Optional;

/** The runtime class {@code process}. */
public final class ProcessProvider implements RuntimeProvider {
    @Override
    public String name() {
        return ProcessRuntime.NAME;
    }

    @Override
    public Strength strength() {
        return Strength.NONE;
    }

    @Override
    public RuntimeFinding probe() {
        return new RuntimeFinding(
                name(),
                strength(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("isolates nothing; for development only"),
                "1 ms a start");
    }

    @Override
    public SandboxRuntime open(RuntimeSite site) {
        return new ProcessRuntime();
    }
}
