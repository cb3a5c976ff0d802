package dev.mayfly.sandbox.network;

import dev.mayfly.sandbox.Commands;
import java.util.List;

/**
 * One nftables table for all sandboxes of this server. It goes by link, not by source address, so a forged address gains
 * nothing. Always refused: this machine, other sandboxes, link-local and metadata addresses, multicast, all of IPv6. A
 * sandbox whose link is not in the set {@code open_links} reaches nothing at all; the gateway's connections to it work, as
 * they come from the host.
 */
final class Firewall {
    private final String table;
    private final String links;
    private final Subnet subnet;
    private final List<String> resolvers;
    private final List<String> refused;

    Firewall(String table, String linkPrefix, Subnet subnet, List<String> resolvers, List<String> refused) {
        this.table = table;
        this.links = "\"" + linkPrefix + "*\"";
        this.subnet = subnet;
        this.resolvers = resolvers;
        this.refused = refused;
    }

    void install() throws InterruptedException {
        remove();
        nft(rules());
    }

    String rules() {
        String servers = resolvers.isEmpty() ? "" : "elements = { " + String.join(", ", resolvers) + " }";
        String more = refused.isEmpty() ? "" : ", " + String.join(", ", refused);
        return """
                table inet %1$s {
                  set open_links { type ifname; }
                  set resolvers { type ipv4_addr; %4$s }
                  set refused { type ipv4_addr; flags interval; auto-merge; elements = { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 240.0.0.0/4, %3$s%5$s } }
                  chain input {
                    type filter hook input priority -10; policy accept;
                    iifname %2$s ct state established,related accept
                    iifname %2$s drop
                  }
                  chain forward {
                    type filter hook forward priority -10; policy accept;
                    oifname %2$s ct state established,related accept
                    oifname %2$s drop
                    iifname != %2$s accept
                    meta nfproto ipv6 drop
                    iifname != @open_links drop
                    ip saddr != %3$s drop
                    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
                    ip daddr @refused drop
                  }
                  chain leave {
                    type nat hook postrouting priority 100; policy accept;
                    ip saddr %3$s oifname != %2$s masquerade
                  }
                }
                """.formatted(table, links, subnet, servers, more);
    }

    void open(String link) throws InterruptedException {
        nft("add element inet " + table + " open_links { \"" + link + "\" }\n");
    }

    void close(String link) throws InterruptedException {
        Commands.attempt(
                "delete element inet " + table + " open_links { \"" + link + "\" }\n", List.of("nft", "-f", "-"));
    }

    void remove() throws InterruptedException {
        Commands.attempt("", List.of("nft", "delete", "table", "inet", table));
    }

    private static void nft(String commands) throws InterruptedException {
        Commands.run(commands, List.of("nft", "-f", "-"));
    }
}
