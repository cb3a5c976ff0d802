package dev.mayfly.pool.engine;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.core.Action;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.OwnZygote;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What each action of the core means here. Called under the lock: what may block or calls others is for afterwards. */
record Doer(WarmPool pool, Residents residents, Waiters waiters, Births births, Deaths deaths, Freezer freezer)
        implements Decisions.Doing {

    @Override
    public void note(Action action, Instant now, List<Runnable> after) {
        switch (action) {
            case Action.Start(String id, ReleaseToRun release, Optional<GenericKey> generic) -> {
                Instance instance = pool.born(id, release);
                residents.add(instance);
                after.add(thread("start-" + id, () -> births.start(instance, generic)));
                after.add(residents.news(instance));
            }
            case Action.Adopt(String id, ReleaseToRun release) -> {
                Instance instance = pool.adopted(id, release);
                residents.add(instance);
                after.add(thread("adopt-" + id, () -> births.adopt(instance)));
                after.add(residents.news(instance));
            }
            case Action.StartGeneric(String id, GenericKey key) -> {
                Instance instance = pool.born(id, null);
                residents.add(instance);
                after.add(thread("start-" + id, () -> births.startGeneric(instance, key)));
            }
            case Action.Bind(String id, ReleaseToRun release) -> {
                Instance instance = residents.get(id);
                instance.bind(release, now);
                instance.settled = false;
                after.add(thread("bind-" + id, () -> births.bind(instance)));
                after.add(residents.news(instance));
            }
            case Action.Freeze(String id) -> {
                Instance instance = residents.get(id);
                after.add(thread("freeze-" + id, () -> freezer.freeze(instance)));
            }
            case Action.Thaw(String id) -> {
                Instance instance = residents.get(id);
                after.add(() -> freezer.thaw(instance));
            }
            case Action.Grant(long ticket, String id, StartKind kind) -> {
                Instance instance = residents.get(id);
                instance.life.enter(LifeStage.SERVING, now);
                after.add(waiters.answer(
                        ticket, waited -> new LeaseOutcome.Leased(new PooledLease(pool, instance, kind, waited))));
            }
            case Action.Refuse(long ticket, ErrorCode code, String detail, var retryAfter) ->
                after.add(waiters.answer(ticket, _ -> new LeaseOutcome.Saturated(code, detail, retryAfter)));
            case Action.FailStart(long ticket, String id, StartKind kind, ErrorCode code, String detail) ->
                after.add(waiters.answer(ticket, _ -> new LeaseOutcome.StartFailed(id, kind, code, detail)));
            case Action.Reap(String id, DeathReason reason) -> {
                Instance instance = residents.get(id);
                if (instance.diedOf == null) {
                    instance.diedOf = reason;
                }
                instance.reapWanted = true;
                instance.life.enter(LifeStage.STOPPING, now);
                after.add(residents.news(instance));
                after.add(thread("reap-" + id, () -> deaths.reap(instance)));
            }
            case Action.RetireZygote(OwnZygote zygote) -> after.add(thread("retire", () -> births.retire(zygote)));
        }
    }

    private static Runnable thread(String name, Runnable work) {
        return () -> Thread.ofVirtual().name(name).start(work);
    }
}
