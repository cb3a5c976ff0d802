package dev.mayfly.pool.core;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One instance as the core sees it. Its phase changes through {@link SlotRegistry} alone, which counts by it. */
final class Slot {
    /** Where it is in its life. Only what {@link #runs} is ever granted. */
    enum Phase {
        STARTING,
        /** Made by a predecessor of this pool, and being taken over. */
        ADOPTING,
        GENERIC,
        BINDING,
        READY,
        FREEZING,
        FROZEN,
        THAWING,
        DRAINING,
        REAPING;

        /** Whether making it ready costs the machine a start. */
        boolean isStart() {
            return this == STARTING || this == BINDING;
        }
    }

    final String id;
    final @Nullable GenericKey key;
    private final int genericMemoryMib;
    private @Nullable ReleaseGroup group;

    Phase phase = Phase.STARTING;
    /** Whether somebody asked for it without a request: a deploy. */
    boolean asked;

    int active;
    long served;
    long granted;

    /** When it last had a request, or became ready. */
    Instant idleSince;

    /** When its present start, bind or thaw began. */
    Instant begun;

    @Nullable
    Instant readyAt;

    /** What a request meets that waited for it to become ready. */
    StartKind kind;

    private @Nullable DeathReason reason;

    private Slot(String id, @Nullable ReleaseGroup group, @Nullable GenericKey key, int genericMemoryMib, Instant now) {
        this.id = id;
        this.group = group;
        this.key = key;
        this.genericMemoryMib = genericMemoryMib;
        this.idleSince = now;
        this.begun = now;
        this.kind = StartKind.COLD;
    }

    /** Made for a release from nothing. */
    static Slot cold(String id, ReleaseGroup group, Instant now) {
        return new Slot(id, group, null, 0, now);
    }

    /** Made by a predecessor. */
    static Slot adopted(String id, ReleaseGroup group, Instant now) {
        Slot slot = new Slot(id, group, null, 0, now);
        slot.phase = Phase.ADOPTING;
        slot.kind = StartKind.WARM;
        return slot;
    }

    /** Made for whoever comes. */
    static Slot generic(String id, GenericKey key, int memoryMib, Instant now) {
        return new Slot(id, null, key, memoryMib, now);
    }

    /** Gives it its release: once, for ever. */
    void bind(ReleaseGroup release) {
        if (group != null) {
            throw new IllegalStateException("instance " + id + " is bound to " + group.release.release() + " already");
        }
        if (!keyOfGeneric()
                .zygote()
                .map(OwnZygote::tenant)
                .orElse(release.tenant())
                .equals(release.tenant())) {
            throw new IllegalStateException("instance " + id + " is forked from a zygote of another tenant than "
                    + release.tenant() + ": " + key);
        }
        group = release;
        kind = StartKind.POOL;
    }

    /** Its release; empty while it is generic. */
    Optional<ReleaseGroup> owner() {
        return Optional.ofNullable(group);
    }

    ReleaseGroup bound() {
        if (group == null) {
            throw new IllegalStateException("instance " + id + " is generic");
        }
        return group;
    }

    GenericKey keyOfGeneric() {
        return Objects.requireNonNull(key, "a generic instance has a key");
    }

    Optional<TenantName> tenant() {
        return owner().map(ReleaseGroup::tenant);
    }

    int memoryMib() {
        return group == null ? genericMemoryMib : group.memoryMib();
    }

    /** Serves, or will in an instant: a request that is there before its time goes on is the first that it sees then. */
    boolean runs() {
        return phase == Phase.READY || phase == Phase.THAWING;
    }

    boolean hasRoom() {
        return runs() && active < bound().concurrency() && (granted == 0 || !bound().servesOnce());
    }

    /** Ready and without a request, frozen or not. */
    boolean idle() {
        return active == 0 && (phase == Phase.READY || phase == Phase.FREEZING || phase == Phase.FROZEN);
    }

    /** It is told when it is ready, or that it will never be. */
    boolean becomesReady() {
        return phase.isStart() || phase == Phase.ADOPTING;
    }

    /** Can take a request soon. What is being frozen is thawed at once if somebody waits. */
    boolean comes() {
        return becomesReady() || phase == Phase.FREEZING;
    }

    boolean going() {
        return phase == Phase.DRAINING || phase == Phase.REAPING;
    }

    /** From now on it is going, for this reason. */
    void goes(DeathReason why) {
        reason = why;
    }

    DeathReason reason() {
        return Objects.requireNonNull(reason, "what is going has a reason");
    }

    Duration idleFor(Instant now) {
        return Duration.between(idleSince, now);
    }

    InstanceState state() {
        return switch (phase) {
            case STARTING, ADOPTING, GENERIC, BINDING -> InstanceState.STARTING;
            case READY, THAWING -> InstanceState.READY;
            case FREEZING, FROZEN -> InstanceState.FROZEN;
            case DRAINING, REAPING -> InstanceState.DRAINING;
        };
    }
}
