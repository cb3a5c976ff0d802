package dev.mayfly.pool.engine;

import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.process.ProcessRuntime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** For tests of the pool that need real programs and no privileges: class {@code process} alone. */
final class OnlyProcesses implements RuntimeClasses {
    private final SandboxRuntime processes = new ProcessRuntime();

    @Override
    public SandboxRuntime of(Optional<String> name) {
        return processes;
    }

    @Override
    public List<String> offered() {
        return List.of(processes.name());
    }

    @Override
    public Map<String, String> orphans() {
        return processes.orphans();
    }

    @Override
    public void destroyOrphans(Set<String> ids) throws InterruptedException {
        processes.destroyOrphans(ids);
    }
}
