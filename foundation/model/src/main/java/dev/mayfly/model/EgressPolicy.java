package dev.mayfly.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Where an app may connect to. Under every policy this machine, link-local and metadata addresses, the control plane and
 * other tenants are refused.
 */
public sealed interface EgressPolicy {
    /** Anything but what is always refused. */
    EgressPolicy OPEN = new Open();

    /** Nothing at all; the gateway's connections to the app still work. */
    EgressPolicy NONE = new None();

    /** See {@link #OPEN}. */
    record Open() implements EgressPolicy {
        @Override
        public String toString() {
            return "open";
        }
    }

    /** See {@link #NONE}. */
    record None() implements EgressPolicy {
        @Override
        public String toString() {
            return "none";
        }
    }

    /**
     * Only these, over TCP and UDP.
     *
     * @param destinations 1 to 64, without doubles
     */
    record Only(List<Destination> destinations) implements EgressPolicy {
        /** Most entries of a list. */
        public static final int DESTINATIONS_MAX = 64;

        /** @throws InvalidFieldException {@code MANIFEST_INVALID} if there are none or too many */
        public Only {
            destinations = destinations.stream().distinct().toList();
            if (destinations.isEmpty() || destinations.size() > DESTINATIONS_MAX) {
                throw InvalidFieldException.ofManifest(
                        "egress",
                        destinations.size() + " entries",
                        "1 to " + DESTINATIONS_MAX + "; \"none\" for nothing");
            }
        }

        @Override
        public String toString() {
            return destinations.stream().map(Destination::toString).collect(Collectors.joining(", "));
        }
    }
}
