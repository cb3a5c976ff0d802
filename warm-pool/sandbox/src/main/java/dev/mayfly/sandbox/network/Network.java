package dev.mayfly.sandbox.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A claimed network.
 *
 * @param link number of its link, 0 to 1,022
 * @param number of this claim; never the same for two
 * @param namespace file of the namespace, mounted in this process' mount namespace
 * @param address IPv4 address of the sandbox, which the host reaches
 * @param address6 IPv6 address of the sandbox; empty if the machine has no way for it
 * @param resolvers name servers that the sandbox is to use; none under the policy {@code none}
 */
public record Network(
        int link, int number, Path namespace, String address, Optional<String> address6, List<String> resolvers) {
    public Network {
        resolvers = List.copyOf(resolvers);
    }
}
