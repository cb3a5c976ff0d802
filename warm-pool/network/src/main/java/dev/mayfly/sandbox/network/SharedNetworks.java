package dev.mayfly.sandbox.network;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SharedPart;
import dev.mayfly.sandbox.Sweep;
import org.jspecify.annotations.Nullable;

/** The one set of networks of all runtime classes of a server; there is none before a class that isolates is wanted. */
public final class SharedNetworks implements SharedPart {
    private final NetworkConfig config;
    private volatile @Nullable Networks networks;

    public SharedNetworks(NetworkConfig config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "networks";
    }

    @Override
    public void open(RuntimeSite site, Health health) throws InterruptedException {
        networks = new Networks(config, site.folder().resolve("netns"), site.tag(), health);
    }

    /** The networks, once they are open. */
    public Networks get() {
        Networks opened = networks;
        if (opened == null) {
            throw new IllegalStateException("networks are not open");
        }
        return opened;
    }

    /** How many there are, at this moment. Does not block. */
    public Networks.Counts counts() {
        Networks opened = networks;
        return opened == null ? Networks.Counts.NONE : opened.counts();
    }

    @Override
    public Sweep sweep() throws InterruptedException {
        return get().sweep();
    }

    @Override
    public void close() {
        Networks opened = networks;
        if (opened != null) {
            opened.close();
        }
    }
}
