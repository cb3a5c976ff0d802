package dev.mayfly.pool.contract;

import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.ReleaseToRun;
import java.io.IOException;

/** An implementation of {@link Leases} under test, and how to bring it about. */
public interface LeasesSubject extends AutoCloseable {
    Leases leases();

    /** A release whose instances start, and serve one request at a time. */
    ReleaseToRun release();

    /** A release none of whose instances becomes ready. It is asked for once. */
    ReleaseToRun releaseThatFails();

    /** Places that leases hold now, apart from those of {@link #fill}. */
    int held();

    /** There is no place from now on, and whoever asks waits. No lease is held when this is called. */
    void fill() throws Exception;

    /** There are places again. */
    void free() throws Exception;

    /** The instance of this lease dies by itself. */
    void kill(Lease lease) throws Exception;

    @Override
    void close() throws IOException;
}
