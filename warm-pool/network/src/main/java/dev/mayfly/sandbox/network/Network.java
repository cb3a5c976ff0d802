package dev.mayfly.sandbox.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final Pattern TRACE =
            Pattern.compile("(\\d{1,4}) (\\d{1,9}|1\\d{9}) ([0-9.]{7,15}) ([0-9a-f:.]{2,45}|-)");

    public Network {
        resolvers = List.copyOf(resolvers);
    }

    /**
     * What a successor of this server has to know of it.
     *
     * @param link number of its link
     * @param number of the claim, which marks what it has connected
     */
    record Trace(int link, int number, String address, Optional<String> address6) {
        /** What {@link Network#trace} wrote; empty if it is none. */
        static Optional<Trace> parse(String text) {
            Matcher parts = TRACE.matcher(text);
            return parts.matches()
                    ? Optional.of(new Trace(
                            Integer.parseInt(parts.group(1)),
                            Integer.parseInt(parts.group(2)),
                            parts.group(3),
                            Optional.of(parts.group(4)).filter(address -> !address.equals("-"))))
                    : Optional.empty();
        }
    }

    /** In words, for {@link Networks#adopt}. */
    public String trace() {
        return link + " " + number + " " + address + " " + address6.orElse("-");
    }
}
