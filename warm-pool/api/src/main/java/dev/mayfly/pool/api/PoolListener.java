package dev.mayfly.pool.api;

import dev.mayfly.model.ReleaseRef;

/** Told of what happens in the pool. Called from the pool's own context: must return at once. */
public interface PoolListener {
    /** An instance was born, changed state or died. */
    void instanceChanged(InstanceView instance);

    /**
     * An instance printed a line.
     *
     * @param stderr whether it came by standard error
     * @param line without its line end, at most 16 KiB; longer ones arrive in parts
     */
    void line(ReleaseRef release, String instanceId, boolean stderr, String line);
}
