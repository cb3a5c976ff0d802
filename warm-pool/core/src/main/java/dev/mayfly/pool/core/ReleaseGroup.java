package dev.mayfly.pool.core;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.TenantName;
import dev.mayfly.model.Warmth;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The instances of one release and the requests that wait for them. */
final class ReleaseGroup {
    /** What has served holds more than its start: caches, connections, compiled code. Nobody sees it, so it counts as this. */
    private static final Duration USED = Duration.ofMillis(300);

    /** A request that waits for a place. */
    record Waiter(long ticket, Instant since) {}

    final ReleaseToRun release;
    private final Optional<GenericKey> generic;

    /** The zygote that its instances are forked from while its tenant has it. */
    final Optional<ZygotePlaces.Asker> zygote;

    final AppHistory history;
    final Backoff backoff;
    final Map<String, Slot> slots = new LinkedHashMap<>();
    final Deque<Waiter> waiters = new ArrayDeque<>();

    /** Requests for instances that are used once: how many to hold ready. */
    final Demand demand = new Demand();

    /** Whether hosts lead here: only then something is started without a request. */
    boolean expected;

    /** Whether its runtime class can freeze, as far as we know. */
    boolean freezes;

    /** Instances that are ready whatever its habits: {@code warm} and the open windows. */
    int provisioned;

    /** Instances that are to be ready without a request, the provisioned ones among them. */
    int ahead;

    /** Until then an instance is wanted that no request waits for. */
    Instant askedUntil = Instant.MIN;

    /** The one that was begun for it, until who asked has heard. */
    @Nullable
    String begunAsAsked;

    /** When it last got a start: among equals, who waited longest is next. */
    long turn;

    ReleaseGroup(Wanted wanted, AppHistory history, Duration backoffMax) {
        this.release = wanted.release();
        this.generic = wanted.generic();
        this.zygote = wanted.asker();
        this.history = history;
        this.backoff = new Backoff(backoffMax);
        // A web server may work between its requests; a function has nothing to do.
        this.freezes = release.spec().kind() == AppKind.FUNCTION;
    }

    /** What its instances can be made of. */
    Optional<GenericKey> generic(ZygotePlaces places) {
        Optional<OwnZygote> own = zygote.flatMap(places::of);
        return own.isPresent() ? generic.map(key -> key.forkedFrom(own.get())) : generic;
    }

    TenantName tenant() {
        return release.release().app().tenant();
    }

    int memoryMib() {
        return release.spec().limits().memoryMib();
    }

    int concurrency() {
        return release.spec().concurrency();
    }

    /** Whether an instance serves one request and no more. */
    boolean servesOnce() {
        return release.spec().isolation() == Isolation.REQUEST;
    }

    boolean fixed() {
        return release.spec().warmth().keep() == Warmth.Keep.FIXED;
    }

    Duration idleTimeout() {
        return release.spec().limits().idleTimeout();
    }

    /** What an instance that is kept saves the next request. */
    Duration saves() {
        Duration start = history.startTime();
        boolean less = start.isZero() || (!servesOnce() && start.compareTo(USED) < 0);
        return less ? USED : start;
    }

    int count(Predicate<Slot> which) {
        int count = 0;
        for (Slot slot : slots.values()) {
            count += which.test(slot) ? 1 : 0;
        }
        return count;
    }

    int coming() {
        return count(Slot::comes);
    }

    int living() {
        return count(slot -> !slot.going());
    }

    boolean inUse() {
        return !waiters.isEmpty() || count(slot -> slot.active > 0) > 0;
    }

    /**
     * The ready instance with the fewest requests, among equals the one that was used last: so that those beyond what is
     * needed stay idle and can go. Counted live, so no balance can go stale.
     */
    Optional<Slot> roomiest() {
        return slots.values().stream()
                .filter(Slot::hasRoom)
                .min(Comparator.<Slot>comparingInt(slot -> slot.active)
                        .thenComparing(slot -> slot.idleSince, Comparator.reverseOrder()));
    }

    /** Ready, without a request and not frozen, those idle longest first. */
    List<Slot> idleLongestFirst() {
        return slots.values().stream()
                .filter(Slot::idle)
                .sorted(Comparator.comparing(slot -> slot.idleSince))
                .toList();
    }

    /** The frozen instance that was used last: the least of it is out of the processor's caches. */
    Optional<Slot> thawable() {
        return slots.values().stream()
                .filter(slot -> slot.phase == Slot.Phase.FROZEN)
                .max(Comparator.comparing(slot -> slot.idleSince));
    }

    /** Instances to get ready for requests that wait, beyond those that are coming. */
    int lacksForWaiters() {
        return Math.max(0, (waiters.size() + concurrency() - 1) / concurrency() - coming());
    }

    /** Instances to get ready, beyond those that are coming. */
    int lacks() {
        int forWaiters = lacksForWaiters();
        if (!expected || ahead == 0) {
            return forWaiters;
        }
        if (servesOnce()) {
            return Math.max(0, waiters.size() + ahead - coming() - count(Slot::hasRoom));
        }
        return Math.max(forWaiters, ahead - living());
    }

    /** Whether somebody else's idle instance may go for it. */
    boolean urgent() {
        return lacksForWaiters() > 0 || (expected && living() < provisioned);
    }

    /** Whether an instance is wanted that no request waits for. */
    boolean asks(Instant now) {
        return now.isBefore(askedUntil);
    }

    /** Who asked for an instance has gone. */
    void forgetOldQuestion(Instant now) {
        if (!asks(now)) {
            askedUntil = Instant.MIN;
        }
    }

    boolean empty() {
        return slots.isEmpty() && waiters.isEmpty() && backoff.clean() && !expected && askedUntil.equals(Instant.MIN);
    }
}
