package dev.mayfly.pool.core;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.core.keep.KeepAlive;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All that the core knows. What decides on it is in classes of its own. */
final class PoolState {
    /** Apps whose habits are remembered; those that were heard of longest ago are forgotten. */
    private static final int HISTORIES_MAX = 20_000;

    final PoolConfig config;
    final Supplier<String> newId;
    final SlotRegistry registry = new SlotRegistry();
    final Map<ReleaseRef, ReleaseGroup> groups = new LinkedHashMap<>();
    final Map<GenericKey, GenericPool> pools = new LinkedHashMap<>();
    final ZygotePlaces zygotes;

    /** Places given out, by what the request met. */
    final Map<StartKind, Long> claims = new EnumMap<>(StartKind.class);

    /** Requests that met no instance with room. */
    long misses;

    /** Instances that were made of a generic one, and those that would have been. */
    long genericClaims;

    long genericMisses;

    /** Memory that is free on the machine, as it was told last. */
    OptionalLong memoryFreeMib = OptionalLong.empty();

    /** Everything is going: nothing is begun any more. */
    boolean closing;

    private final KeepAlive keepAlive;
    private final Map<AppRef, AppHistory> histories = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<AppRef, AppHistory> eldest) {
            return size() > HISTORIES_MAX;
        }
    };

    PoolState(PoolConfig config, KeepAlive keepAlive, Supplier<String> newId) {
        this.config = config;
        this.keepAlive = keepAlive;
        this.newId = newId;
        this.zygotes = new ZygotePlaces(config.keeping().zygotesMax());
    }

    /** Of the release, which has no group of another release of its name: see {@link #namesake}. */
    ReleaseGroup group(Wanted wanted) {
        wanted.asker().ifPresent(zygotes::ask);
        ReleaseGroup group = groups.computeIfAbsent(
                wanted.release().release(),
                ref -> new ReleaseGroup(
                        wanted,
                        histories.computeIfAbsent(ref.app(), _ -> new AppHistory(keepAlive.unknown())),
                        config.waiting().backoffMax()));
        group.generic(zygotes).ifPresent(this::pool);
        return group;
    }

    /** What is known under the name of the release and is of another: of an app that was destroyed and made again. */
    Optional<ReleaseGroup> namesake(Wanted wanted) {
        return Optional.ofNullable(groups.get(wanted.release().release()))
                .filter(group -> !group.release.equals(wanted.release()));
    }

    GenericPool pool(GenericKey key) {
        return pools.computeIfAbsent(
                key, each -> new GenericPool(each, config.waiting().backoffMax()));
    }

    @Nullable
    GenericPool poolOf(ReleaseGroup group) {
        return group.generic(zygotes).map(this::pool).orElse(null);
    }

    List<ReleaseGroup> groupsOf(AppRef app) {
        List<ReleaseGroup> found = new ArrayList<>();
        for (ReleaseGroup group : groups.values()) {
            if (group.release.release().app().equals(app)) {
                found.add(group);
            }
        }
        return found;
    }

    void forget(AppRef app) {
        histories.remove(app);
    }

    /** Whoever comes under its name gets nothing of it. Its instances may be there still: they know whose they are. */
    void forget(ReleaseGroup group, List<Action> actions) {
        boolean known = groups.remove(group.release.release(), group);
        boolean last = groups.values().stream().noneMatch(each -> each.tenant().equals(group.tenant()));
        if (known && last && !closing) {
            leave(group.tenant(), actions);
        }
    }

    /** A tenant of that name that comes later may be another one: it gets nothing that was forked for this one. */
    private void leave(TenantName tenant, List<Action> actions) {
        zygotes.leave(tenant).forEach(zygote -> actions.add(new Action.RetireZygote(zygote)));
        for (GenericPool pool : pools.values()) {
            if (pool.key.zygote().map(OwnZygote::tenant).equals(Optional.of(tenant))) {
                refillNoMore(pool);
                List.copyOf(pool.slots.values()).forEach(slot -> reap(slot, DeathReason.TENANT_LEFT, actions));
            }
        }
    }

    /** An instance is made for the release; so its tenant may take over another's zygote, of which nothing more is held then. */
    void countFork(ReleaseGroup group, Instant now, List<Action> actions) {
        group.zygote.flatMap(asker -> zygotes.used(asker, now)).ifPresent(loser -> {
            actions.add(new Action.RetireZygote(loser));
            pools.values().stream()
                    .filter(pool -> pool.key.zygote().equals(Optional.of(loser)))
                    .forEach(PoolState::refillNoMore);
        });
    }

    private static void refillNoMore(GenericPool pool) {
        pool.demand = new Demand();
        pool.target = 0;
    }

    void grant(long ticket, Slot slot, StartKind kind, List<Action> actions) {
        claims.merge(kind, 1L, Long::sum);
        slot.active++;
        slot.granted++;
        actions.add(new Action.Grant(ticket, slot.id, kind));
    }

    /** Gives places to those who wait, as long as there are any. */
    void serveWaiters(ReleaseGroup group, StartKind kind, List<Action> actions) {
        while (!group.waiters.isEmpty()) {
            Optional<Slot> room = group.roomiest();
            if (room.isEmpty()) {
                return;
            }
            grant(group.waiters.remove().ticket(), room.get(), kind, actions);
        }
    }

    void reap(Slot slot, DeathReason reason, List<Action> actions) {
        if (slot.phase != Slot.Phase.REAPING) {
            registry.move(slot, Slot.Phase.REAPING);
            slot.goes(reason);
            actions.add(new Action.Reap(slot.id, reason));
        }
    }

    /** It takes nobody any more and goes after its last request. */
    void drain(Slot slot, DeathReason reason, List<Action> actions) {
        if (slot.active == 0) {
            reap(slot, reason, actions);
        } else if (slot.runs()) {
            registry.move(slot, Slot.Phase.DRAINING);
            slot.goes(reason);
        }
    }
}
