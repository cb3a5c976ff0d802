package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.Death;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A lease of the pool. */
final class PooledLease implements Lease {
    private final WarmPool pool;
    private final Instance instance;
    private final InstanceAddress address;
    private final StartKind start;
    private final Duration waited;
    private final AtomicBoolean ended = new AtomicBoolean();

    PooledLease(WarmPool pool, Instance instance, StartKind start, Duration waited) {
        this.pool = pool;
        this.instance = instance;
        this.address = Objects.requireNonNull(instance.address, "a granted instance has an address");
        this.start = start;
        this.waited = waited;
    }

    @Override
    public String instanceId() {
        return instance.id;
    }

    @Override
    public InstanceAddress address() {
        return address;
    }

    @Override
    public StartKind start() {
        return start;
    }

    @Override
    public Duration waited() {
        return waited;
    }

    @Override
    public void end(boolean broken) {
        if (ended.compareAndSet(false, true)) {
            pool.released(instance, broken);
        }
    }

    @Override
    public Optional<Death> death() {
        return Optional.ofNullable(instance.diedOf)
                .map(reason -> new Death(reason, Optional.ofNullable(instance.detail)));
    }
}
