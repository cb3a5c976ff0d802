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
record ActionExecutor(
        WarmPool pool,
        InstanceRegistry registry,
        Waiters waiters,
        InstanceStarter starter,
        InstanceReaper reaper,
        Freezer freezer)
        implements Decisions.Executor {

    @Override
    public void note(Action action, Instant now, List<Runnable> after) {
        switch (action) {
            case Action.Start(String id, ReleaseToRun release, Optional<GenericKey> generic) -> {
                Instance instance = pool.born(id, release);
                registry.add(instance);
                after.add(thread("start-" + id, () -> starter.start(instance, generic)));
                after.add(registry.news(instance));
            }
            case Action.Adopt(String id, ReleaseToRun release) -> {
                Instance instance = pool.adopted(id, release);
                registry.add(instance);
                after.add(thread("adopt-" + id, () -> starter.adopt(instance)));
                after.add(registry.news(instance));
            }
            case Action.StartGeneric(String id, GenericKey key) -> {
                Instance instance = pool.born(id, null);
                registry.add(instance);
                after.add(thread("start-" + id, () -> starter.startGeneric(instance, key)));
            }
            case Action.Bind(String id, ReleaseToRun release) -> {
                Instance instance = registry.get(id);
                instance.bind(release, now);
                instance.settled = false;
                after.add(thread("bind-" + id, () -> starter.bind(instance)));
                after.add(registry.news(instance));
            }
            case Action.Freeze(String id) -> {
                Instance instance = registry.get(id);
                after.add(thread("freeze-" + id, () -> freezer.freeze(instance)));
            }
            case Action.Thaw(String id) -> {
                Instance instance = registry.get(id);
                after.add(() -> freezer.thaw(instance));
            }
            case Action.Grant(long ticket, String id, StartKind kind) -> {
                Instance instance = registry.get(id);
                instance.life.enter(LifeStage.SERVING, now);
                after.add(waiters.answer(
                        ticket, waited -> new LeaseOutcome.Leased(new PooledLease(pool, instance, kind, waited))));
            }
            case Action.Refuse(long ticket, ErrorCode code, String detail, var retryAfter) ->
                after.add(waiters.answer(ticket, _ -> new LeaseOutcome.Saturated(code, detail, retryAfter)));
            case Action.FailStart(long ticket, String id, StartKind kind, ErrorCode code, String detail) ->
                after.add(waiters.answer(ticket, _ -> new LeaseOutcome.StartFailed(id, kind, code, detail)));
            case Action.Reap(String id, DeathReason reason) -> {
                Instance instance = registry.get(id);
                if (instance.diedOf == null) {
                    instance.diedOf = reason;
                }
                instance.reapWanted = true;
                instance.life.enter(LifeStage.STOPPING, now);
                after.add(registry.news(instance));
                after.add(thread("reap-" + id, () -> reaper.reap(instance)));
            }
            case Action.RetireZygote(OwnZygote zygote) -> after.add(thread("retire", () -> starter.retire(zygote)));
        }
    }

    private static Runnable thread(String name, Runnable work) {
        return () -> Thread.ofVirtual().name(name).start(work);
    }
}
