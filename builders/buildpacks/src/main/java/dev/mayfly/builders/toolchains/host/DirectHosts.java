package dev.mayfly.builders.toolchains.host;

import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Hosts that are reached past the proxy, as {@code no_proxy} lists them: a name stands for itself and what is below it, with
 * or without a leading dot; an address or a network ({@code 10.0.0.0/8}) for what is written as an address; a port behind a
 * colon for that port alone; {@code *} for everything. Names are not looked up.
 */
final class DirectHosts {
    private final List<Entry> entries = new ArrayList<>();

    DirectHosts(String list) {
        for (String each : list.split("[,\\s]+")) {
            if (!each.isEmpty()) {
                entries.add(Entry.of(each.toLowerCase(Locale.ROOT)));
            }
        }
    }

    boolean contains(URI url) {
        String host = bare(Optional.ofNullable(url.getHost()).orElse("").toLowerCase(Locale.ROOT));
        int port = url.getPort() >= 0 ? url.getPort() : "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
        Optional<byte[]> address = address(host);
        return entries.stream().anyMatch(each -> each.matches(host, address, port));
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** Empty for a name. */
    private static Optional<byte[]> address(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host).getAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * @param name without a leading dot; {@code *} for any
     * @param network the first {@code bits} bits of it count; empty: a name
     * @param port 0: any
     */
    private record Entry(String name, Optional<byte[]> network, int bits, int port) {
        static Entry of(String text) {
            Optional<byte[]> whole = address(bare(text));
            if (whole.isPresent()) {
                return new Entry(text, whole, whole.get().length * 8, 0);
            }
            int slash = text.indexOf('/');
            if (slash > 0 && text.substring(slash + 1).matches("\\d{1,3}")) {
                Optional<byte[]> network = address(text.substring(0, slash));
                int bits = Integer.parseInt(text.substring(slash + 1));
                if (network.isPresent() && bits <= network.get().length * 8) {
                    return new Entry(text, network, bits, 0);
                }
            }
            int colon = text.lastIndexOf(':');
            if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
                Entry host = of(text.substring(0, colon));
                return new Entry(host.name, host.network, host.bits, Integer.parseInt(text.substring(colon + 1)));
            }
            return new Entry(text.replaceFirst("^(\\*?\\.)", ""), Optional.empty(), 0, 0);
        }

        boolean matches(String host, Optional<byte[]> address, int wanted) {
            if (port != 0 && port != wanted) {
                return false;
            }
            if (network.isPresent()) {
                return address.isPresent() && within(network.get(), bits, address.get());
            }
            return name.equals("*") || host.equals(name) || host.endsWith("." + name);
        }

        private static boolean within(byte[] network, int bits, byte[] address) {
            if (network.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
