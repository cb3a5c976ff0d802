package dev.mayfly.pool.core;

import dev.mayfly.model.TenantName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** @param name of a zygote, the same for all tenants */
    record Asker(String name, TenantName tenant) {}

    private final int max;
    private final Map<Asker, OwnZygote> holders = new LinkedHashMap<>();
    private final Map<Asker, Use> uses = new HashMap<>();
    private long given;

    /** @param max places; 0: nobody has a zygote */
    ZygotePlaces(int max) {
        this.max = max;
    }

    /** What it has. Another one each time that it gets a place. */
    Optional<OwnZygote> of(Asker asker) {
        return Optional.ofNullable(holders.get(asker));
    }

    /** Gives it a place if one is free. */
    void ask(Asker asker) {
        if (holders.size() < max && !holders.containsKey(asker)) {
            give(asker);
        }
    }

    private void give(Asker asker) {
        holders.put(asker, new OwnZygote(asker.name(), asker.tenant(), ++given));
    }

    /**
     * An instance is made that would be forked from its zygote.
     *
     * @return what another one had whose place it has taken
     */
    Optional<OwnZygote> used(Asker asker, Instant now) {
        uses.merge(asker, new Use(1, now), (old, one) -> new Use(old.now(now) + 1, now));
        ask(asker);
        if (holders.containsKey(asker) || max == 0) {
            return Optional.empty();
        }
        Asker weakest = holders.keySet().stream()
                .min(Comparator.comparingDouble(each -> weight(each, now)))
                .orElseThrow();
        double weight = weight(asker, now);
        if (weight < WORTH || weight < CLEARLY * weight(weakest, now)) {
            return Optional.empty();
        }
        Optional<OwnZygote> lost = Optional.ofNullable(holders.remove(weakest));
        give(asker);
        return lost;
    }

    private double weight(Asker asker, Instant now) {
        Use use = uses.get(asker);
        long others = holders.keySet().stream()
                .filter(each -> each.tenant().equals(asker.tenant()) && !each.equals(asker))
                .count();
        return use == null ? 0 : use.now(now) / (1 + others);
    }

    /** Nothing of the tenant is served any more. Returns what it held. */
    List<OwnZygote> leave(TenantName tenant) {
        List<OwnZygote> held = holders.values().stream()
                .filter(each -> each.tenant().equals(tenant))
                .toList();
        holders.keySet().removeIf(each -> each.tenant().equals(tenant));
        uses.keySet().removeIf(each -> each.tenant().equals(tenant));
        return held;
    }

    /** Forgets what was used long ago, so that what is remembered does not grow. */
    void forget(Instant now) {
        uses.values().removeIf(use -> use.now(now) < FORGOTTEN);
    }
}
