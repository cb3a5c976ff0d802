package dev.mayfly.cluster;

import java.util.List;
import java.util.function.Consumer;

/** One server alone: nothing is sent anywhere. */
public final class LocalCluster implements Cluster {
    private final String self;

    public LocalCluster(String self) {
        this.self = self;
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public List<String> members() {
        return List.of(self);
    }

    @Override
    public void broadcast(String json) {
        // Nobody else is there.
    }

    @Override
    public AutoCloseable listen(Consumer<String> listener) {
        return () -> {};
    }

    @Override
    public void announce(String key, String json) {
        // Nobody else is there.
    }

    @Override
    public List<String> others(String key) {
        return List.of();
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
