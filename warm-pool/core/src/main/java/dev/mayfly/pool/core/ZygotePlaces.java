package dev.mayfly.pool.core;

import dev.mayfly.model.TenantName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tenants have zygotes of their own. There are few places, as each zygote takes memory and a start of its own, which pays only
 * if much is forked from it. Who asks finds a free place; where there is none, who makes clearly more instances than the weakest
 * holder takes its place. A tenant that holds several needs as many times the use for each, so that one cannot have them all
 * while others work.
 */
final class ZygotePlaces {
    /** A zygote's own start takes about what so many forks save. */
    private static final double WORTH = 16;

    /** Equals do not take places from each other in turn. */
    private static final double CLEARLY = 2;

    /** After this time an instance that was made counts half. */
    private static final Duration HALF_LIFE = Duration.ofMinutes(5);

    private static final double FORGOTTEN = 0.1;

    /** @param count instances made, at that moment */
    private record Use(double count, Instant at) {
        double now(Instant now) {
            double halves = Math.max(0, Duration.between(at, now).toMillis()) / (double) HALF_LIFE.toMillis();
            return count * Math.pow(2, -halves);
        }
    }

    private final int max;
    private final Set<OwnZygote> holders = new LinkedHashSet<>();
    private final Map<OwnZygote, Use> uses = new HashMap<>();

    /** @param max places; 0: nobody has a zygote */
    ZygotePlaces(int max) {
        this.max = max;
    }

    boolean has(OwnZygote zygote) {
        return holders.contains(zygote);
    }

    /** Gives it a place if one is free. */
    void ask(OwnZygote zygote) {
        if (holders.size() < max) {
            holders.add(zygote);
        }
    }

    /**
     * An instance is made that would be forked from it.
     *
     * @return whose place it has taken
     */
    Optional<OwnZygote> used(OwnZygote zygote, Instant now) {
        uses.merge(zygote, new Use(1, now), (old, one) -> new Use(old.now(now) + 1, now));
        ask(zygote);
        if (has(zygote) || max == 0) {
            return Optional.empty();
        }
        OwnZygote weakest = holders.stream()
                .min(Comparator.comparingDouble(each -> weight(each, now)))
                .orElseThrow();
        double weight = weight(zygote, now);
        if (weight < WORTH || weight < CLEARLY * weight(weakest, now)) {
            return Optional.empty();
        }
        holders.remove(weakest);
        holders.add(zygote);
        return Optional.of(weakest);
    }

    private double weight(OwnZygote zygote, Instant now) {
        Use use = uses.get(zygote);
        long others = holders.stream()
                .filter(each -> each.tenant().equals(zygote.tenant()) && !each.equals(zygote))
                .count();
        return use == null ? 0 : use.now(now) / (1 + others);
    }

    /** Nothing of the tenant is served any more. Returns what it held. */
    List<OwnZygote> leave(TenantName tenant) {
        List<OwnZygote> held = new ArrayList<>(holders);
        held.removeIf(each -> !each.tenant().equals(tenant));
        held.forEach(holders::remove);
        uses.keySet().removeIf(each -> each.tenant().equals(tenant));
        return held;
    }

    /** Forgets what was used long ago, so that what is remembered does not grow. */
    void forget(Instant now) {
        uses.values().removeIf(use -> use.now(now) < FORGOTTEN);
    }
}
