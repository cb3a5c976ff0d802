package dev.mayfly.pool.core;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Limits of the pool on one machine, and how it keeps warm. */
public record PoolConfig(Caps caps, Waiting waiting, Keeping keeping) {
    public static final PoolConfig DEFAULTS = new PoolConfig(Caps.DEFAULTS, Waiting.DEFAULTS, Keeping.DEFAULTS);

    /**
     * Never exceeded.
     *
     * @param instancesMax {@code pool.instances-max}: living instances of all tenants, generic ones included
     * @param tenantInstancesMax {@code pool.tenant-instances-max}: living instances of one tenant
     * @param releaseInstancesMax {@code pool.release-instances-max}: living instances of one release
     * @param startsMax {@code pool.starts-max}: starts under way at once; a tenant with one under way leaves a quarter
     *     to the others
     * @param memoryMax {@code pool.memory-max}: memory in MiB that all living instances may use together by their
     *     limits
     * @param tenantMemoryMax {@code pool.tenant-memory-max}: memory in MiB that the living instances of one tenant may
     *     use together by their limits
     * @param memoryReserve {@code pool.memory-reserve}: memory in MiB that stays free on the machine: with less, idle
     *     instances go
     */
    public record Caps(
            int instancesMax,
            int tenantInstancesMax,
            int releaseInstancesMax,
            int startsMax,
            long memoryMax,
            long tenantMemoryMax,
            long memoryReserve) {
        /** For a machine with 32 GiB: limits are seldom used up, so twice of it is promised. */
        public static final Caps DEFAULTS = new Caps(200, 100, 50, 8, 65_536, 32_768, 512);

        public Caps {
            Positive.require(instancesMax, "pool.instances-max");
            Positive.require(tenantInstancesMax, "pool.tenant-instances-max");
            Positive.require(releaseInstancesMax, "pool.release-instances-max");
            Positive.require(startsMax, "pool.starts-max");
            Positive.require(memoryMax, "pool.memory-max");
            Positive.require(tenantMemoryMax, "pool.tenant-memory-max");
            Positive.require(memoryReserve, "pool.memory-reserve");
        }

        /** Why no instance of so much memory can ever be; empty: it can. */
        Optional<String> beyond(int memoryMib) {
            boolean tenants = tenantMemoryMax < memoryMax;
            long most = Math.min(tenantMemoryMax, memoryMax);
            return memoryMib <= most
                    ? Optional.empty()
                    : Optional.of("limits.memory: " + memoryMib + " MiB (expected: at most " + most
                            + " MiB, which this server's pool." + (tenants ? "tenant-" : "") + "memory-max allows)");
        }

        /** Starts that a tenant which has some under way leaves to those that have none. */
        int startsReserved() {
            return startsMax == 1 ? 0 : Math.max(1, startsMax / 4);
        }
    }

    /**
     * How long what is waited for.
     *
     * @param queueMax {@code pool.queue-max}: requests of one release that may wait for a place
     * @param queueTimeout {@code pool.queue-timeout}: how long a request waits for a place once instances are there
     * @param backoffMax {@code pool.backoff-max}: longest pause between starts of a release whose starts keep failing
     */
    public record Waiting(int queueMax, Duration queueTimeout, Duration backoffMax) {
        public static final Waiting DEFAULTS = new Waiting(1_000, Duration.ofSeconds(30), Duration.ofSeconds(30));

        public Waiting {
            Positive.require(queueMax, "pool.queue-max");
            Positive.require(queueTimeout, "pool.queue-timeout");
            Positive.require(backoffMax, "pool.backoff-max");
        }
    }

    /**
     * What is kept warm.
     *
     * @param keepAlive {@code pool.keep-alive}: by what it is decided when an idle instance goes, of releases that
     *     leave it to the operator: {@code learned} (by when the app was called before), {@code histogram} (of
     *     "Serverless in the Wild") or {@code fixed} (after the release's idle-timeout)
     * @param coldWorth {@code pool.cold-worth}: how long an instance may idle to save requests one second of waiting,
     *     with {@code learned}
     * @param freezeAfter {@code pool.freeze-after}: an idle function stands still after this time and uses no
     *     processor; a runtime class that cannot freeze leaves it as it is
     * @param preparedMax {@code pool.prepared-max}: instances that wait unused for a release of isolation "request", at
     *     most
     * @param genericMin {@code pool.generic-min}: generic instances of a kind that some app of this server can use, at
     *     least; of all kinds together at most a quarter of what may live, those that were used last
     * @param genericMax {@code pool.generic-max}: generic instances of one kind that wait, at most
     * @param genericMemory {@code pool.generic-memory}: memory in MiB that a generic instance counts for
     * @param zygotes {@code pool.zygotes}: whose functions in Python are forked from one zygote, and so know each
     *     other's hash seed and addresses: one {@code tenant}'s, those of all the {@code machine}, or {@code off}: all
     *     are started
     * @param zygotesMax {@code pool.zygotes-max}: zygotes at most with {@code tenant}: those of the tenants that start
     *     most; others' instances are started
     */
    public record Keeping(
            Kind keepAlive,
            Duration coldWorth,
            Duration freezeAfter,
            int preparedMax,
            int genericMin,
            int genericMax,
            int genericMemory,
            Zygotes zygotes,
            int zygotesMax) {
        /** The launcher has place for twelve: while one is replaced there are two of it, and one that lost its place goes a moment later. */
        private static final int ZYGOTES_MAX = 6;

        public static final Keeping DEFAULTS = new Keeping(
                Kind.LEARNED, Duration.ofHours(1), Duration.ofSeconds(10), 32, 1, 16, 64, Zygotes.TENANT, ZYGOTES_MAX);

        /** Whose instances may be forked from one zygote, and so know of each other's hash seed and addresses. */
        public enum Zygotes {
            TENANT,
            MACHINE,
            OFF;

            public String wireName() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        /** Keep-alive policies. */
        public enum Kind {
            LEARNED,
            HISTOGRAM,
            FIXED;

            public String wireName() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        public Keeping {
            Positive.require(coldWorth, "pool.cold-worth");
            Positive.require(freezeAfter, "pool.freeze-after");
            Positive.require(preparedMax, "pool.prepared-max");
            Positive.require(genericMemory, "pool.generic-memory");
            if (genericMin < 0) {
                throw new IllegalArgumentException("pool.generic-min: " + genericMin + " (expected: at least 0)");
            }
            if (genericMax < genericMin) {
                throw new IllegalArgumentException("pool.generic-max: " + genericMax
                        + " (expected: at least pool.generic-min, " + genericMin + ")");
            }
            if (zygotesMax < 0 || zygotesMax > ZYGOTES_MAX) {
                throw new IllegalArgumentException(
                        "pool.zygotes-max: " + zygotesMax + " (expected: 0 to " + ZYGOTES_MAX + ")");
            }
        }
    }
}
