package dev.mayfly.model;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place that an app may connect to: {@code db.example.com:5432}, {@code 198.51.100.7:443} or {@code [2001:db8::7]:443}.
 *
 * @param host name in lower case without a dot at its end, or an address as Java prints it, never in brackets
 * @param port 1 to 65535
 */
public record Destination(String host, int port) {
    private static final String EXPECTED = "host:port, the host a name, an IPv4 address or an IPv6 address in brackets";
    private static final Pattern WHOLE = Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}]|[^\\[\\]:\\s]{1,253}):(\\d{1,5})");
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern V4 = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

    /** What some programs read as a number, and therefore as an address: 127.1, 0x7f.1, 2130706433. */
    private static final Pattern NUMBER_AT_END = Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)");

    public Destination {
        if (port < 1 || port > 65_535) {
            throw invalid(host + ":" + port, "a port from 1 to 65535");
        }
        boolean address = V4.matcher(host).matches() || host.contains(":");
        if (address) {
            host = literal(host);
        } else if (!NAME.matcher(host).matches() || NUMBER_AT_END.matcher(host).matches()) {
            throw invalid(host + ":" + port, EXPECTED);
        }
    }

    /** @throws InvalidFieldException {@code MANIFEST_INVALID} with the entry and what was expected */
    public static Destination parse(String text) {
        Matcher parts = WHOLE.matcher(text);
        if (!parts.matches()) {
            throw invalid(text, EXPECTED);
        }
        String host = parts.group(1).toLowerCase(Locale.ROOT);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
            if (!host.contains(":")) {
                throw invalid(text, EXPECTED);
            }
        }
        return new Destination(host, Integer.parseInt(parts.group(2)));
    }

    /** The address, if the host is none to be looked up. */
    public Optional<InetAddress> address() {
        return host.contains(":") || V4.matcher(host).matches()
                ? Optional.of(InetAddress.ofLiteral(host))
                : Optional.empty();
    }

    private static String literal(String host) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            throw invalid(host, "an IPv4 address, or an IPv6 address in brackets");
        }
        // An IPv4 address in the dress of IPv6 (::ffff:192.0.2.1) comes out as an IPv4 address: two spellings of one
        // thing.
        boolean dressed = host.contains(":") && !(address instanceof Inet6Address);
        if (dressed || (!host.contains(":") && !(address instanceof Inet4Address))) {
            throw invalid(host, "an IPv4 address written as such");
        }
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isMulticastAddress()) {
            throw invalid(host, "an address that apps may reach: not loopback, link-local or multicast");
        }
        return address.getHostAddress();
    }

    private static InvalidFieldException invalid(String entry, String expected) {
        return InvalidFieldException.ofManifest("egress", "'" + entry + "'", expected);
    }

    /** As it is written in {@code mayfly.toml}. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
