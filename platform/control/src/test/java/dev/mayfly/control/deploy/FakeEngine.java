package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildEngine;
import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.api.BuildRequest;
import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ProcessSpec;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Builds what the test says: each tree's id names what comes of it. */
public final class FakeEngine implements BuildEngine {
    private static final ProcessSpec WEB = new ProcessSpec(List.of("/bin/serve"), Map.of(), "/workspace");

    /** What a build with this tree does. */
    public interface Script {
        BuildResult run(BuildRequest request, BuildOutput output) throws InterruptedException;
    }

    private final AtomicInteger images = new AtomicInteger();
    private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();

    /** The next build does this. Builds without a script succeed. */
    public void next(Script script) {
        scripts.add(script);
    }

    /** The next build tells when it runs and goes on when it may. */
    public void holdNext(CountDownLatch runs, CountDownLatch mayEnd) {
        next((_, output) -> {
            runs.countDown();
            mayEnd.await();
            return built(output);
        });
    }

    @Override
    public BuildResult build(BuildRequest request, BuildOutput output) throws InterruptedException {
        output.phase("build");
        Script script = scripts.poll();
        return script == null ? built(output) : script.run(request, output);
    }

    private BuildResult.Built built(BuildOutput output) {
        output.step("Built");
        return new BuildResult.Built(
                String.format("sha256:%064x", images.incrementAndGet()),
                Map.of("web", WEB),
                AppSpec.DEFAULTS,
                1_000,
                "Test 1");
    }

    @Override
    public void forget(AppRef app) {
        // Keeps nothing.
    }
}
