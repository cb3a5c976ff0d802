package dev.mayfly.sandbox.network.names;

import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses may stand in the answer to a looked-up name. The owner of a name on an app's list decides what it answers,
 * so an answer must not open a way to a place that the internet cannot reach. Works on bytes: Java's own address classes turn
 * an IPv4 address in the dress of IPv6 silently into the IPv4 address.
 */
final class PublicAddresses {
    private static final List<Prefix> NEVER = Stream.concat(
                    Metadata.networks(),
                    Stream.of(
                                    "0.0.0.0/8", // this network
                                    "10.0.0.0/8", // private
                                    "100.64.0.0/10", // behind a carrier's NAT
                                    "127.0.0.0/8", // loopback
                                    "169.254.0.0/16", // link-local
                                    "172.16.0.0/12", // private
                                    "192.0.0.0/24", // protocol assignments
                                    "192.88.99.0/24", // 6to4 relays
                                    "192.168.0.0/16", // private
                                    "198.18.0.0/15", // benchmarks
                                    "224.0.0.0/4", // multicast
                                    "240.0.0.0/4", // reserved, broadcast
                                    "::/96", // unspecified, loopback, IPv4 in an old dress
                                    "::ffff:0:0/96", // IPv4 in the dress of IPv6
                                    "::ffff:0:0:0/96", // the same, translated
                                    "64:ff9b::/96", // NAT64
                                    "64:ff9b:1::/48", // NAT64 in private networks
                                    "100::/64", // discard
                                    "2001::/32", // Teredo: holds an IPv4 address
                                    "2002::/16", // 6to4: holds an IPv4 address
                                    "fc00::/7", // unique local
                                    "fe80::/10", // link-local
                                    "fec0::/10", // site-local
                                    "ff00::/8") // multicast
                            .map(Prefix::parse))
            .toList();

    private final List<Prefix> refused;

    /** @param refused networks that the operator refuses besides */
    PublicAddresses(List<Prefix> refused) {
        this.refused = List.copyOf(refused);
    }

    boolean contain(byte[] address) {
        return Stream.concat(NEVER.stream(), refused.stream()).noneMatch(prefix -> prefix.contains(address));
    }
}
