package dev.mayfly.sandbox.network;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.network.names.Metadata;
import dev.mayfly.sandbox.network.names.Prefix;
import dev.mayfly.sandbox.network.netlink.SetChange;
import dev.mayfly.sandbox.network.netlink.Sets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One nftables table for all sandboxes of this server. Its rules never change; what changes are sets, by link. So binding a
 * policy to a link is one transaction of a few elements, made without a process.
 *
 * <p>A link that is in no set reaches nothing. Refused whatever the policy: a source that is not the link's own, every address
 * of this machine (looked at before any translation, so that no forwarded port leads around), other sandboxes, link-local and
 * metadata addresses, multicast. Each binding has a mark of its own, which its connections bear: what an earlier one opened
 * is of no use to the next.
 */
final class Firewall implements AutoCloseable {
    private static final int PINNED_MAX = 262_144;

    private static final int PINS_AT_ONCE = SetChange.MAX / 2;

    private final String table;
    private final String prefix;
    private final FirewallRules rules;
    private final Sets sets;

    Firewall(String table, String linkPrefix, FirewallRules rules) {
        this.table = table;
        this.prefix = linkPrefix;
        this.rules = rules;
        this.sets = new Sets();
    }

    /** In the place of a predecessor's, in one transaction: no packet of a sandbox that outlived it finds no table. */
    void install() throws InterruptedException {
        String replaced = "table inet %1$s\ndelete table inet %1$s\n".formatted(table);
        HostCommands.run(replaced + text(), List.of("nft", "-f", "-"));
    }

    String text() {
        return """
                table inet %1$s {
                  set own4 { type ifname . ipv4_addr; }
                  set own6 { type ifname . ipv6_addr; }
                  set open { type ifname; }
                  set listed { type ifname; }
                  map marks { type ifname : mark; }
                  set flows { type ifname . mark; }
                  set allowed4 { type ifname . ipv4_addr . inet_proto . inet_service; }
                  set allowed6 { type ifname . ipv6_addr . inet_proto . inet_service; }
                  set pinned4 { type ifname . ipv4_addr . inet_proto . inet_service; flags timeout; size %9$d; }
                  set pinned6 { type ifname . ipv6_addr . inet_proto . inet_service; flags timeout; size %9$d; }
                  set connections { type ifname; flags dynamic; size 4096; }
                  set resolvers4 { type ipv4_addr; flags interval; auto-merge; %4$s }
                  set resolvers6 { type ipv6_addr; flags interval; auto-merge; %5$s }
                  set refused4 { type ipv4_addr; flags interval; auto-merge; %6$s }
                  set refused6 { type ipv6_addr; flags interval; auto-merge; %7$s }
                  chain arrive {
                    type filter hook prerouting priority -150; policy accept;
                    iifname != %2$s accept
                    meta nfproto ipv4 iifname . ip saddr != @own4 drop
                    meta nfproto ipv6 iifname . ip6 saddr != @own6 drop
                    fib daddr type { local, broadcast, anycast, multicast } goto machine
                  }
                  chain input {
                    type filter hook input priority -10; policy accept;
                    iifname %2$s goto machine
                    ip daddr %3$s drop
                  }
                  chain machine {
                    ct direction reply ct state established,related accept
                    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
                    iifname @listed ip daddr %3$s meta l4proto { tcp, udp } th dport 53 accept
                    drop
                  }
                  chain forward {
                    type filter hook forward priority -10; policy accept;
                    oifname %2$s ct state established,related oifname . ct mark @flows accept
                    oifname %2$s drop
                    iifname != %2$s accept
                    ct state invalid drop
                    iifname @open meta l4proto { tcp, udp } th dport 53 ip daddr @resolvers4 goto admit
                    iifname @open meta l4proto { tcp, udp } th dport 53 ip6 daddr @resolvers6 goto admit
                    ip daddr @refused4 drop
                    ip6 daddr @refused6 drop
                    ct state established,related iifname . ct mark @flows accept
                    iifname @open goto open
                    iifname . ip daddr . meta l4proto . th dport @allowed4 goto admit
                    iifname . ip daddr . meta l4proto . th dport @pinned4 goto admit
                    iifname . ip6 daddr . meta l4proto . th dport @allowed6 goto admit
                    iifname . ip6 daddr . meta l4proto . th dport @pinned6 goto admit
                    drop
                  }
                  chain open {
                    %8$s
                    meta l4proto { tcp, udp, icmp, icmpv6 } goto admit
                    drop
                  }
                  chain admit {
                    ct state established,related iifname . ct mark @flows accept
                    add @connections { iifname ct count over %10$d } drop
                    ct mark set iifname map @marks
                    accept
                  }
                  chain leave {
                    type nat hook postrouting priority 100; policy accept;
                    oifname %2$s accept
                    ip saddr %11$s masquerade
                    ip6 saddr %12$s masquerade
                  }
                }
                """.formatted(
                        table,
                        "\"" + prefix + "*\"",
                        rules.nameServer(),
                        elements(false, rules.resolvers().stream()),
                        elements(true, rules.resolvers().stream()),
                        elements(false, never()),
                        elements(true, never()),
                        rules.smtp() ? "" : "tcp dport 25 drop",
                        PINNED_MAX,
                        rules.connectionsMax(),
                        rules.subnet(),
                        rules.subnet6());
    }

    private Stream<Prefix> never() {
        Stream<Prefix> always = Stream.of(
                        "0.0.0.0/8",
                        "127.0.0.0/8",
                        "224.0.0.0/4",
                        "240.0.0.0/4",
                        "::/96",
                        "::ffff:0:0/96",
                        "64:ff9b::/96", // Leads to any IPv4 address, past all that is said of those.
                        "64:ff9b:1::/48",
                        "2001::/32", // Teredo and 6to4 hold IPv4 addresses, too.
                        "2002::/16",
                        "fec0::/10",
                        "ff00::/8")
                .map(Prefix::parse);
        // Addresses behind a carrier's or a provider's NAT: clouds keep services of theirs there, some of them
        // metadata.
        Stream<Prefix> shared = rules.sharedSpace() ? Stream.empty() : Stream.of(Prefix.parse("100.64.0.0/10"));
        return Stream.of(
                        always,
                        Metadata.networks(),
                        shared,
                        Stream.of(rules.subnet(), rules.subnet6()),
                        rules.refused().stream())
                .flatMap(each -> each);
    }

    private static String elements(boolean v6, Stream<Prefix> prefixes) {
        List<String> texts =
                prefixes.filter(prefix -> prefix.isV6() == v6).map(Prefix::text).toList();
        return texts.isEmpty() ? "" : "elements = { " + String.join(", ", texts) + " }";
    }

    /** Lets the link send under these addresses. It still reaches nothing. */
    void join(String link, List<byte[]> addresses) {
        SetChange change = change();
        addresses.forEach(address -> change.add(own(address), Keys.linkAndAddress(link, address)));
        sets.apply(change);
    }

    /** Undoes {@link #join}, as far as it was done. */
    void leave(String link, List<byte[]> addresses) {
        SetChange change = change();
        for (byte[] address : addresses) {
            change.takeOut(own(address), Keys.linkAndAddress(link, address));
        }
        sets.apply(change);
    }

    /** Binds a policy to a link: one transaction. */
    void bind(String link, EgressPolicy policy, int mark) {
        SetChange change = change();
        switch (policy) {
            case EgressPolicy.None _ -> {
                return;
            }
            case EgressPolicy.Open _ -> change.add("open", Keys.link(link));
            case EgressPolicy.Only only -> {
                change.add("listed", Keys.link(link));
                literals(only).forEach(pin -> change.add(allowed(pin), Keys.linkAndPin(link, pin)));
            }
        }
        change.add("marks", Keys.link(link), Keys.mark(mark)).add("flows", Keys.linkAndMark(link, mark));
        sets.apply(change);
    }

    /** Whether the table is still there: a tool of the operator may have flushed all tables. */
    boolean isThere() {
        return sets.hasTable(table);
    }

    /** Undoes {@link #bind}, and takes back what was pinned. */
    void unbind(String link, EgressPolicy policy, int mark, List<Pin> pins) {
        SetChange change = change();
        switch (policy) {
            case EgressPolicy.None _ -> {
                return;
            }
            case EgressPolicy.Open _ -> change.takeOut("open", Keys.link(link));
            case EgressPolicy.Only only -> {
                change.takeOut("listed", Keys.link(link));
                literals(only).forEach(pin -> change.takeOut(allowed(pin), Keys.linkAndPin(link, pin)));
            }
        }
        change.takeOut("marks", Keys.link(link), Keys.mark(mark)).takeOut("flows", Keys.linkAndMark(link, mark));
        forgetConnections(change, link);
        sets.apply(change);
        unpin(link, pins);
    }

    /** Lets the link reach what it looked up: one transaction. */
    void pin(String link, Pins.Change pins) {
        SetChange change = change();
        pins.drop().forEach(pin -> drop(change, link, pin));
        pins.add().forEach(pin -> change.add(pinned(pin), Keys.linkAndPin(link, pin), pins.timeoutMs()));
        sets.apply(change);
    }

    /** Takes back what was looked up, whether it is still there or not. */
    void unpin(String link, List<Pin> pins) {
        for (int from = 0; from < pins.size(); from += PINS_AT_ONCE) {
            SetChange change = change();
            pins.subList(from, Math.min(pins.size(), from + PINS_AT_ONCE)).forEach(pin -> drop(change, link, pin));
            sets.apply(change);
        }
    }

    /** It may be gone already, by its timeout. Putting in what is there changes nothing. */
    private static void drop(SetChange change, String link, Pin pin) {
        byte[] key = Keys.linkAndPin(link, pin);
        change.add(pinned(pin), key, 60_000).delete(pinned(pin), key);
    }

    /**
     * The count of a link's connections begins anew with the next sandbox. It may not be there: to be told so would cost the
     * kernel's wait for an aborted change, ten times that of a good one.
     */
    private static void forgetConnections(SetChange change, String link) {
        change.takeOut("connections", Keys.link(link));
    }

    /** @param only whose addresses, not names, it is about */
    private static List<Pin> literals(EgressPolicy.Only only) {
        List<Pin> pins = new ArrayList<>();
        only.destinations()
                .forEach(destination -> destination.address().ifPresent(address -> {
                    pins.add(new Pin(address, Pin.TCP, destination.port()));
                    pins.add(new Pin(address, Pin.UDP, destination.port()));
                }));
        return pins;
    }

    private SetChange change() {
        return new SetChange(table);
    }

    private static String own(byte[] address) {
        return address.length == 16 ? "own6" : "own4";
    }

    private static String allowed(Pin pin) {
        return pin.isV6() ? "allowed6" : "allowed4";
    }

    private static String pinned(Pin pin) {
        return pin.isV6() ? "pinned6" : "pinned4";
    }

    void remove() throws InterruptedException {
        HostCommands.attempt("", List.of("nft", "delete", "table", "inet", table));
    }

    @Override
    public void close() {
        sets.close();
    }
}
