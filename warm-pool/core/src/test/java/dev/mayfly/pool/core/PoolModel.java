package dev.mayfly.pool.core;

import static dev.mayfly.pool.core.Releases.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Plays shell and callers at random, and checks after every step what must always hold. */
final class PoolModel {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final PoolConfig CONFIG = new PoolConfig(
            new PoolConfig.Caps(9, 5, 4, 3, 4_500, 2_200, 512),
            new PoolConfig.Waiting(6, Duration.ofSeconds(10), Duration.ofSeconds(30)),
            new PoolConfig.Keeping(
                    PoolConfig.Keeping.Kind.LEARNED,
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(4),
                    3,
                    1,
                    2,
                    64,
                    PoolConfig.Keeping.Zygotes.TENANT,
                    2));

    /** What the shell is doing to an instance, or that it does nothing. */
    private enum Doing {
        STARTING,
        ADOPTING,
        NOTHING,
        FREEZING,
        FROZEN,
        THAWING,
        REAPING
    }

    private static final class Living {
        private @Nullable ReleaseToRun release;
        private Doing doing = Doing.STARTING;
        private boolean generic;
        private Optional<OwnZygote> forkedFrom = Optional.empty();
        private int active;
        /** Of an app that is no more: another of its name may have its own. */
        private boolean destroyed;

        private Living(@Nullable ReleaseToRun release) {
            this.release = release;
            this.generic = release == null;
        }

        private int memoryMib() {
            return release == null
                    ? CONFIG.keeping().genericMemory()
                    : release.spec().limits().memoryMib();
        }
    }

    private final Random random;
    private final Consumer<String> told;
    private final AtomicInteger ids = new AtomicInteger();
    private final PoolCore core = new PoolCore(CONFIG, () -> "i" + ids.incrementAndGet());
    private final List<Wanted> releases = new ArrayList<>();
    private final Map<Long, Wanted> waiting = new LinkedHashMap<>();
    private final Set<Long> answered = new HashSet<>();
    private final List<String> leases = new ArrayList<>();
    private final Map<String, Living> living = new LinkedHashMap<>();
    private final Set<String> once = new HashSet<>();
    private final Set<OwnZygote> zygotes = new HashSet<>();
    private final Set<OwnZygote> retired = new HashSet<>();
    private Instant now = NOON;
    private long tickets;
    private int left;

    PoolModel(Random random) {
        this(random, _ -> {});
    }

    PoolModel(Random random, Consumer<String> told) {
        this.random = random;
        this.told = told;
        for (int i = 0; i < 7; i++) {
            Releases release = release().of("t" + i % 3, "a" + i).concurrency(1 + random.nextInt(3));
            release.memory(128 << random.nextInt(3));
            if (i % 2 == 0) {
                release.generic();
            }
            if (i % 4 == 0) {
                release.forked("python");
            }
            if (i % 3 == 0) {
                release.once();
            }
            if (random.nextBoolean()) {
                release.learned();
            } else if (random.nextInt(3) == 0) {
                release.warm(1);
            }
            releases.add(release.wanted());
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            now = now.plusMillis(random.nextInt(10) == 0 ? random.nextInt(60_000) : random.nextInt(1_000));
            step();
            check();
        }
        settle();
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> request(any(releases));
            case 4, 5 -> endOneLease(random.nextInt(20) == 0);
            case 6, 7 -> doing(Doing.STARTING).or(() -> doing(Doing.ADOPTING)).ifPresent(this::becomeReady);
            case 8 -> doing(Doing.FREEZING).ifPresent(this::freeze);
            case 9 -> doing(Doing.THAWING).ifPresent(this::thaw);
            case 10, 11 -> doing(Doing.REAPING).ifPresent(this::finishReap);
            case 12, 13 -> apply(core.tick(now));
            case 14 -> seldom();
            default -> {
                if (!waiting.isEmpty() && random.nextInt(4) == 0) {
                    long ticket = any(List.copyOf(waiting.keySet()));
                    Wanted wanted = Objects.requireNonNull(waiting.remove(ticket));
                    core.abandon(ticket, wanted.release().release(), now);
                }
            }
        }
    }

    private void seldom() {
        switch (random.nextInt(14)) {
            case 0, 1 ->
                doing(random.nextBoolean() ? Doing.STARTING : Doing.ADOPTING)
                        .ifPresent(id -> apply(core.startFailed(id, ErrorCode.START_FAILED, "no", now)));
            case 12, 13 -> {
                List<String> running = List.of("left" + ++left, "left" + ++left);
                apply(core.adopt(running, any(releases), now));
            }
            case 2, 3 -> {
                List<String> ready = ids(each -> each.doing != Doing.REAPING);
                if (!ready.isEmpty()) {
                    apply(core.died(any(ready), DeathReason.CRASH, now));
                }
            }
            case 4 -> apply(core.memoryFree(random.nextInt(1_024), now));
            case 5, 6 -> apply(core.expect(any(releases), now));
            case 7 -> apply(core.prestart(any(releases), now).actions());
            case 8 -> {
                AppRef app = any(releases).release().release().app();
                apply(core.destroyAll(app, DeathReason.DESTROYED));
                living.values()
                        .forEach(each -> each.destroyed |= each.release != null
                                && each.release.release().app().equals(app));
                assertThat(waiting.values())
                        .noneMatch(wanted -> wanted.release().release().app().equals(app));
            }
            default -> request(any(releases));
        }
    }

    private void request(Wanted wanted) {
        long ticket = ++tickets;
        waiting.put(ticket, wanted);
        apply(core.acquire(ticket, wanted, now));
    }

    private void endOneLease(boolean broken) {
        if (!leases.isEmpty()) {
            String id = leases.remove(random.nextInt(leases.size()));
            Living instance = living.get(id);
            if (instance != null) {
                instance.active--;
            }
            apply(core.released(id, broken, now));
        }
    }

    private void becomeReady(String id) {
        at(id).doing = Doing.NOTHING;
        apply(core.started(id, now));
    }

    private void freeze(String id) {
        boolean works = random.nextInt(6) > 0;
        at(id).doing = works ? Doing.FROZEN : Doing.NOTHING;
        apply(works ? core.frozen(id, now) : core.freezeFailed(id, now));
    }

    private void thaw(String id) {
        boolean works = random.nextInt(6) > 0;
        if (works) {
            at(id).doing = Doing.NOTHING;
        }
        apply(works ? core.thawed(id, now) : core.thawFailed(id, now));
    }

    private void finishReap(String id) {
        living.remove(id);
        apply(core.reaped(id, now));
    }

    private void apply(List<Action> actions) {
        for (Action action : actions) {
            told.accept(action.toString());
            switch (action) {
                case Action.Start(String id, ReleaseToRun release, Optional<GenericKey> generic) -> {
                    generic.flatMap(GenericKey::zygote).ifPresent(own -> {
                        assertThat(retired).doesNotContain(own);
                        assertThat(own.tenant())
                                .isEqualTo(release.release().app().tenant());
                        zygotes.add(own);
                    });
                    born(id, new Living(release));
                }
                case Action.Adopt(String id, ReleaseToRun release) -> {
                    assertThat(release.spec().isolation()).isEqualTo(Isolation.RELEASE);
                    born(id, new Living(release));
                    at(id).doing = Doing.ADOPTING;
                }
                case Action.StartGeneric(String id, GenericKey key) -> {
                    assertThat(key.ofAnybody()).isEqualTo(Releases.NODE);
                    born(id, new Living(null));
                    at(id).forkedFrom = key.zygote();
                    key.zygote().ifPresent(own -> {
                        assertThat(retired).doesNotContain(own);
                        zygotes.add(own);
                    });
                }
                case Action.Bind(String id, ReleaseToRun release) -> {
                    Living instance = at(id);
                    assertThat(instance.generic).as(id + " is nobody's").isTrue();
                    assertThat(instance.doing).isEqualTo(Doing.NOTHING);
                    instance.forkedFrom.ifPresent(own -> assertThat(own.tenant())
                            .as(id + " is bound to whom it was forked for")
                            .isEqualTo(release.release().app().tenant()));
                    instance.generic = false;
                    instance.release = release;
                    instance.doing = Doing.STARTING;
                }
                case Action.Freeze(String id) -> {
                    assertThat(at(id).active).isZero();
                    move(id, Doing.NOTHING, Doing.FREEZING);
                }
                case Action.Thaw(String id) -> move(id, Doing.FROZEN, Doing.THAWING);
                case Action.Grant grant -> granted(grant);
                case Action.Refuse refuse -> answer(refuse.ticket());
                case Action.FailStart fail -> answer(fail.ticket());
                case Action.Reap(String id, DeathReason reason) -> {
                    assertThat(at(id).doing)
                            .as(id + " is reaped once, now: " + reason)
                            .isNotEqualTo(Doing.REAPING);
                    at(id).doing = Doing.REAPING;
                }
                case Action.RetireZygote(OwnZygote own) -> {
                    zygotes.remove(own);
                    retired.add(own);
                }
            }
        }
    }

    private void granted(Action.Grant grant) {
        Wanted wanted = answer(grant.ticket());
        Living instance = at(grant.instance());
        assertThat(instance.release).isEqualTo(wanted.release());
        assertThat(instance.doing).as(grant + " on what runs").isIn(Doing.NOTHING, Doing.THAWING);
        leases.add(grant.instance());
        instance.active++;
        assertThat(instance.active).isLessThanOrEqualTo(wanted.release().spec().concurrency());
        if (wanted.release().spec().isolation() == Isolation.REQUEST) {
            assertThat(once.add(grant.instance()))
                    .as(grant + " is its only one")
                    .isTrue();
        }
    }

    private void born(String id, Living instance) {
        assertThat(living.put(id, instance)).as(id + " is new").isNull();
    }

    private void move(String id, Doing from, Doing to) {
        assertThat(at(id).doing).as(id).isEqualTo(from);
        at(id).doing = to;
    }

    private Living at(String id) {
        return Objects.requireNonNull(living.get(id), () -> id + " lives");
    }

    private Wanted answer(long ticket) {
        assertThat(answered.add(ticket))
                .as("ticket " + ticket + " is answered once")
                .isTrue();
        return Objects.requireNonNull(waiting.remove(ticket), () -> "ticket " + ticket + " waits");
    }

    private void check() {
        PoolConfig.Caps caps = CONFIG.caps();
        Map<TenantName, Integer> count = new HashMap<>();
        Map<TenantName, Integer> memory = new HashMap<>();
        Map<ReleaseToRun, Integer> ofRelease = new HashMap<>();
        for (Living each : living.values()) {
            if (each.release != null) {
                TenantName tenant = each.release.release().app().tenant();
                count.merge(tenant, 1, Integer::sum);
                memory.merge(tenant, each.memoryMib(), Integer::sum);
                ofRelease.merge(each.release, each.destroyed ? 0 : 1, Integer::sum);
            }
        }
        assertThat(core.instances()).isEqualTo(living.size()).isLessThanOrEqualTo(caps.instancesMax());
        assertThat(living.values().stream().mapToLong(Living::memoryMib).sum())
                .isEqualTo(core.view().memoryMib())
                .isLessThanOrEqualTo(caps.memoryMax());
        assertThat(count.values()).allMatch(each -> each <= caps.tenantInstancesMax());
        assertThat(memory.values()).allMatch(each -> each <= caps.tenantMemoryMax());
        assertThat(ofRelease.values()).allMatch(each -> each <= caps.releaseInstancesMax());
        assertThat(ids(each -> each.doing == Doing.STARTING)).hasSizeLessThanOrEqualTo(caps.startsMax());
        assertThat(core.waiting()).isEqualTo(waiting.size());
        assertThat(zygotes).hasSizeLessThanOrEqualTo(CONFIG.keeping().zygotesMax());
    }

    /** With everything answered and time passing, nobody waits for ever and everything goes that nobody asked for. */
    private void settle() {
        releases.forEach(wanted -> apply(core.retireOthers(
                new dev.mayfly.model.ReleaseRef(wanted.release().release().app(), 99), DeathReason.DEPLOY)));
        for (int i = 0; i < 3_000 && (!waiting.isEmpty() || !living.isEmpty()); i++) {
            now = now.plusSeconds(20);
            for (Doing doing : Doing.values()) {
                doing(doing).ifPresent(id -> {
                    switch (doing) {
                        case STARTING, ADOPTING -> becomeReady(id);
                        case FREEZING -> freeze(id);
                        case THAWING -> thaw(id);
                        case REAPING -> finishReap(id);
                        case NOTHING, FROZEN -> {}
                    }
                });
            }
            endOneLease(false);
            apply(core.tick(now));
            check();
        }
        assertThat(waiting).isEmpty();
        assertThat(living).isEmpty();
    }

    private Optional<String> doing(Doing what) {
        List<String> found = ids(each -> each.doing == what);
        return found.isEmpty() ? Optional.empty() : Optional.of(any(found));
    }

    private List<String> ids(java.util.function.Predicate<Living> which) {
        return living.entrySet().stream()
                .filter(each -> which.test(each.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
