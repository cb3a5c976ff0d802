package dev.mayfly.bench.replay;

import dev.mayfly.pool.core.keep.Habit;
import dev.mayfly.pool.core.keep.KeepAlive;
import dev.mayfly.pool.core.keep.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One instance for each function, execution time 0: so every loaded second is an idle one (the method of "Serverless in the
 * Wild"). With a budget of memory, what is called goes in and others go until it fits (the method of FaasCache); what is loaded
 * ahead takes the place only of what is worth less.
 */
public final class Replay {
    private static final Duration START = duration(Costs.STATED.cold());

    /** A call, or the time at which a plan wants a function loaded or not. Old plans' times are ignored. */
    private record Event(double at, int order, int function, boolean load, long planned) implements Comparable<Event> {
        static final int UNLOAD = 0;
        static final int LOAD = 1;

        @Override
        public int compareTo(Event other) {
            int byTime = Double.compare(at, other.at);
            return byTime != 0 ? byTime : Integer.compare(order, other.order);
        }
    }

    private static final class State {
        private final Trace.Function function;
        private final Habit habit;
        private double lastCall = -1;
        private double loadedAt = -1;
        private long planned;
        private int uses;
        private double priority;

        private State(Trace.Function function, Habit habit) {
            this.function = function;
            this.habit = habit;
        }

        private boolean loaded() {
            return loadedAt >= 0;
        }
    }

    private final Trace trace;
    private final Policy policy;
    private final double budgetMib;
    private final List<State> states = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private double heldMib;
    private double clock;
    private double idleSeconds;
    private double idleMibSeconds;
    private int starts;

    private Replay(Trace trace, Policy policy, double budgetMib) {
        this.trace = trace;
        this.policy = policy;
        this.budgetMib = budgetMib;
        KeepAlive fresh = policy.fresh().get();
        trace.functions().forEach(function -> states.add(new State(function, fresh.unknown())));
    }

    /** With as much memory as the policy wants. */
    public static ReplayOutcome run(Trace trace, Policy policy) {
        return run(trace, policy, Double.MAX_VALUE);
    }

    public static ReplayOutcome run(Trace trace, Policy policy, double budgetMib) {
        return new Replay(trace, policy, budgetMib).run();
    }

    private ReplayOutcome run() {
        int[] cold = new int[states.size()];
        int[] calls = new int[states.size()];
        for (Trace.Call call : trace.inOrder()) {
            plansUntil(call.at());
            State state = states.get(call.function());
            calls[call.function()]++;
            if (!state.loaded()) {
                cold[call.function()]++;
            }
            called(state, call);
        }
        plansUntil(trace.seconds());
        states.forEach(state -> unload(state, trace.seconds()));
        int allCold = 0;
        for (int each : cold) {
            allCold += each;
        }
        return new ReplayOutcome(
                trace.calls(), allCold, ReplayOutcome.shares(cold, calls), idleSeconds, idleMibSeconds, starts);
    }

    private void plansUntil(double until) {
        while (!events.isEmpty() && events.peek().at() <= until) {
            Event event = events.remove();
            State state = states.get(event.function());
            if (event.planned() != state.planned) {
                continue;
            }
            if (!event.load()) {
                unload(state, event.at());
            } else if (!state.loaded()) {
                if (policy.order() == Policy.Order.URGENCY) {
                    makeRoom(state, event.at(), value(state, event.at()));
                }
                if (heldMib + state.function.memoryMib() <= budgetMib) {
                    load(state, event.at());
                }
            }
        }
    }

    private void called(State state, Trace.Call call) {
        if (state.lastCall >= 0) {
            state.habit.idleEnded(duration(call.at() - state.lastCall));
        }
        state.lastCall = call.at();
        if (!state.loaded()) {
            state.uses = 0; // Forgotten with its last instance, as FaasCache does.
            makeRoom(state, call.at(), Double.MAX_VALUE);
            if (heldMib + state.function.memoryMib() <= budgetMib) {
                load(state, call.at());
            } else {
                starts++; // It served and was gone.
            }
        }
        state.uses++;
        state.priority = clock + (double) state.uses / state.function.memoryMib();
        plan(state, call);
    }

    private void plan(State state, Trace.Call call) {
        state.planned++;
        boolean atOnce = false;
        for (Plan.Window window : state.habit.plan(START).windows()) {
            double from = call.at() + seconds(window.from());
            double until = call.at() + seconds(window.until());
            atOnce |= window.from().isZero();
            events.add(new Event(from, Event.LOAD, call.function(), true, state.planned));
            events.add(new Event(until, Event.UNLOAD, call.function(), false, state.planned));
        }
        if (!atOnce) {
            unload(state, call.at());
        }
    }

    /** Only what is worth less than this goes. */
    private void makeRoom(State wanting, double now, double worth) {
        while (heldMib + wanting.function.memoryMib() > budgetMib) {
            State victim = null;
            double least = worth;
            for (State each : states) {
                double value = each.loaded() ? value(each, now) : Double.MAX_VALUE;
                if (value < least) {
                    least = value;
                    victim = each;
                }
            }
            if (victim == null) {
                return;
            }
            if (policy.order() == Policy.Order.GREEDY_DUAL) {
                clock = victim.priority;
            }
            unload(victim, now);
        }
    }

    private double value(State state, double now) {
        return switch (policy.order()) {
            case LEAST_RECENT -> state.lastCall;
            case GREEDY_DUAL -> state.priority;
            case URGENCY -> state.habit.urgency(duration(now - state.lastCall)) / state.function.memoryMib();
        };
    }

    private void load(State state, double now) {
        state.loadedAt = now;
        heldMib += state.function.memoryMib();
        starts++;
    }

    private void unload(State state, double now) {
        if (state.loaded()) {
            idleSeconds += now - state.loadedAt;
            idleMibSeconds += (now - state.loadedAt) * state.function.memoryMib();
            heldMib -= state.function.memoryMib();
            state.loadedAt = -1;
        }
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1e3));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
