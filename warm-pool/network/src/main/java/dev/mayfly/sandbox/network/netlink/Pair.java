package dev.mayfly.sandbox.network.netlink;

import java.util.List;

/**
 * Two linked ends, one here and one in another namespace, that know each other from the start: no address resolution is
 * needed on the link, and the near end does not take part in any.
 *
 * @param name name of the near end, at most 15 characters
 * @param nearMac the lower six bytes
 * @param near addresses of the near end
 * @param far addresses of the far end, in the order of {@code near}; its default routes go to {@code near}
 */
public record Pair(String name, int mtu, long nearMac, long farMac, List<Address> near, List<Address> far) {
    public Pair {
        near = List.copyOf(near);
        far = List.copyOf(far);
        if (near.size() != far.size()) {
            throw new IllegalArgumentException("near and far: " + near.size() + " and " + far.size()
                    + " addresses (expected: as many on both sides)");
        }
    }
}
