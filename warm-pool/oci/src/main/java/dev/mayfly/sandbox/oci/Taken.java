package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.Roots;
import dev.mayfly.sandbox.network.Network;
import dev.mayfly.sandbox.network.NetworkRequest;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one sandbox has taken from what is shared: a root and a network. Each is given back once, however often and wherever
 * the rest of its end fails.
 */
final class Taken {
    private final Roots roots;
    private final Networks networks;
    private @Nullable Path root;
    private @Nullable Network network;

    Taken(Roots roots, Networks networks) {
        this.roots = roots;
        this.networks = networks;
    }

    synchronized Path root(List<Path> wanted) throws InterruptedException {
        Path acquired = roots.acquire(wanted);
        root = acquired;
        return acquired;
    }

    synchronized Network network(NetworkRequest request) throws InterruptedException {
        Network claimed = networks.claim(request);
        network = claimed;
        return claimed;
    }

    /** @param again whether nothing runs in the network any more and it is as it was; else it is destroyed */
    synchronized void giveBack(boolean again) throws InterruptedException {
        Optional<Network> claimed = Optional.ofNullable(network);
        Optional<Path> used = Optional.ofNullable(root);
        network = null;
        root = null;
        try {
            claimed.ifPresent(again ? networks::release : networks::discard);
        } finally {
            if (used.isPresent()) {
                roots.release(used.get());
            }
        }
    }
}
