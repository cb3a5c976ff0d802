package dev.mayfly.control.deploy;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.api.StartOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Instances that are healthy unless the test says otherwise. */
public final class FakeInstances implements Instances {
    /** What was asked for, in order: {@code start v1}, {@code retire but v1}, {@code destroy shop}. */
    public final List<String> calls = new CopyOnWriteArrayList<>();

    /** What runs and has run. */
    public volatile List<InstanceView> shown = List.of();

    private volatile boolean healthy = true;

    public void healthy(boolean next) {
        healthy = next;
    }

    @Override
    public StartOutcome startHealthy(ReleaseToRun release, Consumer<String> output) {
        calls.add("start v" + release.release().version());
        return healthy
                ? new StartOutcome.Healthy("ins_1", Duration.ofMillis(5))
                : new StartOutcome.Unhealthy("ins_1", ErrorCode.START_FAILED, "exit code 4\nno GREETING");
    }

    @Override
    public int runOnce(ReleaseToRun release, ProcessSpec process, Duration timeout, Consumer<String> output) {
        return 0;
    }

    @Override
    public void expect(ReleaseToRun release) {
        calls.add("expect v" + release.release().version());
    }

    @Override
    public void retireOthers(ReleaseToRun current, DeathReason reason) {
        calls.add("retire but v" + current.release().version());
    }

    @Override
    public void destroyAll(AppRef app, DeathReason reason) {
        calls.add("destroy " + app.app());
    }

    @Override
    public List<InstanceView> list() {
        return shown;
    }

    @Override
    public PoolView pool() {
        return new PoolView(
                Map.of(InstanceState.READY, 2),
                List.of(new PoolView.Generic("node-24", 1, 2, 3, 40, 5, 6)),
                7,
                8,
                900,
                1_000,
                Map.of(StartKind.POOL, 11L),
                12,
                13,
                14,
                OptionalLong.empty(),
                new PoolView.Caps(21, 22, 23, 24, 25, 26, 27, 28));
    }
}
