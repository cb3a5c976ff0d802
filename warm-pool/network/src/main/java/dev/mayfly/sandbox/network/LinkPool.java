package dev.mayfly.sandbox.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The books of the networks: who has which link, which stand ready, which are kept for their tenant, which are on their way
 * out. State and time in, what to do out; no I/O, and one caller at a time.
 *
 * <p>A link is free, then made, ready, claimed, and after that kept or going; it is free again only when it was proved gone.
 * What was used comes back to its own tenant or not at all. Numbers go round, so that one that was given back rests longest.
 */
final class LinkPool {
    enum State {
        FREE,
        /** Of a predecessor, whose sandbox may be adopted. */
        LEFT,
        /** Being made, to stand ready. */
        MAKING,
        /** Being made for somebody who waits. */
        MAKING_CLAIMED,
        READY,
        CLAIMED,
        /** Used, and kept for the same tenant. */
        KEPT,
        /** To be destroyed. */
        GOING,
        /** Being destroyed. */
        DESTROYING
    }

    /** What a claim gets. */
    sealed interface Claim {
        /** This link, at once. */
        record Take(int link) implements Claim {}

        /** This link, once it is made: {@link #made} or {@link #failed} must follow. */
        record Make(int link) implements Claim {}

        /** Nothing now. {@code soon}: some are on their way out. */
        record Full(boolean soon) implements Claim {}
    }

    /** What is to be done in the background. */
    sealed interface Action {
        /** {@link #made} or {@link #failed} must follow. */
        record Make(int link) implements Action {}

        /** {@link #gone} or {@link #stuck} must follow. */
        record Destroy(int link) implements Action {}
    }

    private record Left(int link, long sinceMs) {}

    private record Kept(int link, String tenant, long sinceMs) {}

    private record Going(int link, long notBeforeMs) {}

    private static final long STUCK_RETRY_MS = 30_000;

    /** Whoever succeeds a server adopts within seconds; the links of the others go with their sandboxes. */
    private static final long LEFT_MS = 60_000;

    private final NetworkPoolConfig config;
    private final State[] states;
    private final Deque<Integer> free = new ArrayDeque<>();
    private final Deque<Left> left = new ArrayDeque<>();
    private final Deque<Integer> ready = new ArrayDeque<>();
    private final Deque<Kept> kept = new ArrayDeque<>();
    private final Deque<Going> going = new ArrayDeque<>();
    private final Set<Integer> stuck = new HashSet<>();
    private final Rate refill;
    private final Rate destroy;
    private int making;

    LinkPool(int links, NetworkPoolConfig config, long nowMs) {
        this.config = config;
        this.states = new State[links];
        Arrays.fill(states, State.FREE);
        for (int link = 0; link < links; link++) {
            free.add(link);
        }
        this.refill = new Rate(config.refillRate(), nowMs);
        this.destroy = new Rate(config.destroyRate(), nowMs);
    }

    /** A predecessor's link is still there. For a minute it may be adopted, then it is destroyed. */
    void left(int link, long nowMs) {
        move(link, State.FREE, State.LEFT);
        free.remove(Integer.valueOf(link));
        left.add(new Left(link, nowMs));
    }

    /** The link is claimed, as its predecessor's was; false if it is none that was left. */
    boolean adopt(int link) {
        if (link < 0 || link >= states.length || states[link] != State.LEFT) {
            return false;
        }
        left.removeIf(each -> each.link() == link);
        move(link, State.LEFT, State.CLAIMED);
        return true;
    }

    /** The tenant's own if one is kept, else one that stands ready, else a new one. */
    Claim claim(String tenant, long nowMs) {
        for (Iterator<Kept> each = kept.descendingIterator(); each.hasNext(); ) {
            Kept mine = each.next();
            if (mine.tenant().equals(tenant) && !expired(mine, nowMs)) {
                each.remove();
                return take(mine.link(), State.KEPT);
            }
        }
        Integer standing = ready.poll();
        if (standing != null) {
            return take(standing, State.READY);
        }
        Integer fresh = free.poll();
        if (fresh != null) {
            move(fresh, State.FREE, State.MAKING_CLAIMED);
            return new Claim.Make(fresh);
        }
        Kept oldest = kept.poll();
        if (oldest != null) {
            move(oldest.link(), State.KEPT, State.GOING);
            going.addFirst(new Going(oldest.link(), nowMs));
        }
        return new Claim.Full(!going.isEmpty() || making > 0 || count(State.DESTROYING) > 0);
    }

    /** The link is there. Returns whether somebody waits for it. */
    boolean made(int link) {
        if (states[link] == State.MAKING_CLAIMED) {
            move(link, State.MAKING_CLAIMED, State.CLAIMED);
            return true;
        }
        move(link, State.MAKING, State.READY);
        making--;
        ready.add(link);
        return false;
    }

    /** The link could not be made; parts of it may be there. */
    void failed(int link, long nowMs) {
        if (states[link] == State.MAKING) {
            making--;
        } else if (states[link] != State.MAKING_CLAIMED) {
            throw wrong(link, "being made");
        }
        states[link] = State.GOING;
        going.add(new Going(link, nowMs));
    }

    /**
     * Gives back what was claimed.
     *
     * @param tenant for whom it may be kept, or null to destroy it
     * @throws IllegalStateException if it is not claimed
     */
    void release(int link, @Nullable String tenant, long nowMs) {
        if (states[link] != State.CLAIMED) {
            throw wrong(link, "claimed");
        }
        if (tenant == null || config.reuseSize() == 0) {
            states[link] = State.GOING;
            going.add(new Going(link, nowMs));
            return;
        }
        states[link] = State.KEPT;
        kept.add(new Kept(link, tenant, nowMs));
        if (kept.size() > config.reuseSize()) {
            drop(nowMs);
        }
    }

    /** What to do now: at most {@code max} of each kind. */
    List<Action> plan(long nowMs, int max) {
        while (!kept.isEmpty() && expired(kept.getFirst(), nowMs)) {
            drop(nowMs);
        }
        while (!left.isEmpty() && nowMs - left.getFirst().sinceMs() >= LEFT_MS) {
            Left oldest = left.remove();
            move(oldest.link(), State.LEFT, State.GOING);
            going.add(new Going(oldest.link(), nowMs));
        }
        List<Action> actions = new ArrayList<>();
        for (int i = 0; i < max && ready.size() + making < config.size() && !free.isEmpty(); i++) {
            if (!refill.take(nowMs)) {
                break;
            }
            int link = free.remove();
            move(link, State.FREE, State.MAKING);
            making++;
            actions.add(new Action.Make(link));
        }
        int looked = going.size();
        for (int done = 0; done < max && looked > 0; looked--) {
            Going next = going.remove();
            if (next.notBeforeMs() > nowMs || !destroy.take(nowMs)) {
                going.add(next);
                continue;
            }
            move(next.link(), State.GOING, State.DESTROYING);
            actions.add(new Action.Destroy(next.link()));
            done++;
        }
        return actions;
    }

    /** Nothing of the link is left. */
    void gone(int link) {
        move(link, State.DESTROYING, State.FREE);
        stuck.remove(link);
        free.add(link);
    }

    /** Something of the link is left: it stays out of use and is tried again later. */
    void stuck(int link, long nowMs) {
        move(link, State.DESTROYING, State.GOING);
        stuck.add(link);
        going.add(new Going(link, nowMs + STUCK_RETRY_MS));
    }

    /** Something of a link was found that should not be there. If the link is free, it is destroyed before it is made again. */
    boolean found(int link, long nowMs) {
        if (states[link] != State.FREE) {
            return false;
        }
        free.remove(Integer.valueOf(link));
        move(link, State.FREE, State.GOING);
        going.add(new Going(link, nowMs));
        return true;
    }

    /** Links of which something is left that does not go. */
    List<Integer> stuck() {
        return List.copyOf(stuck);
    }

    /** Whether {@link #plan} has something to do soon. */
    boolean busy() {
        boolean refilling = config.refillRate() > 0 && ready.size() + making < config.size() && !free.isEmpty();
        return refilling || !going.isEmpty();
    }

    int count(State state) {
        int count = 0;
        for (State each : states) {
            count += each == state ? 1 : 0;
        }
        return count;
    }

    State state(int link) {
        return states[link];
    }

    private void drop(long nowMs) {
        Kept oldest = kept.remove();
        move(oldest.link(), State.KEPT, State.GOING);
        going.add(new Going(oldest.link(), nowMs));
    }

    private Claim take(int link, State from) {
        move(link, from, State.CLAIMED);
        return new Claim.Take(link);
    }

    private boolean expired(Kept link, long nowMs) {
        return nowMs - link.sinceMs() >= config.reuseTime().toMillis();
    }

    private void move(int link, State from, State to) {
        if (states[link] != from) {
            throw wrong(link, from.toString());
        }
        states[link] = to;
    }

    private IllegalStateException wrong(int link, String expected) {
        return new IllegalStateException("link " + link + " is " + states[link] + " (expected: " + expected + ")");
    }
}
