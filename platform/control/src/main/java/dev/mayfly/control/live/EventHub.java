package dev.mayfly.control.live;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Hands events to followers and remembers the last ones, for those who come back after a moment: two thousand, and fewer if they
 * are long, as lines that tenants' programs print are events too.
 */
public final class EventHub implements AutoCloseable {
    private static final int REMEMBERED = 2_000;
    static final int REMEMBERED_CHARS = 4 * 1024 * 1024;

    /** @param id grows with every event; only this run of this server gives it meaning */
    public record Numbered(String id, Occurrence event) {}

    /**
     * Whose events, of which app, on which topics.
     *
     * @param topics first part of types; empty: all
     */
    public record Filter(String tenant, Optional<String> app, Set<String> topics) {
        boolean takes(Occurrence event) {
            return event.tenant().equals(tenant)
                    && (app.isEmpty() || app.get().equals(event.app()))
                    && (topics.isEmpty() || topics.contains(event.type().topic()));
        }
    }

    private record Follower(Filter filter, Consumer<Numbered> sink) {}

    /**
     * What a follower has missed, and the handle that ends its following.
     *
     * @param missed empty: what it saw last is not known any more
     * @param newest id of the newest event before it follows
     */
    public record Following(Optional<List<Numbered>> missed, String newest, AutoCloseable handle) {}

    private final String run;
    private final AutoCloseable subscription;
    private final Deque<Numbered> last = new ArrayDeque<>();
    private long lastChars;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private long number;

    public EventHub(LiveEvents events, Clock clock) {
        this.run = Long.toString(clock.millis(), Character.MAX_RADIX);
        this.subscription = events.subscribe(this::add);
    }

    /** Followers are told under the lock: nobody sees an event twice, not at all or out of order. They return at once. */
    private synchronized void add(Occurrence event) {
        Numbered numbered = new Numbered(run + "-" + ++number, event);
        last.add(numbered);
        lastChars += event.json().length();
        while (last.size() > REMEMBERED || lastChars > REMEMBERED_CHARS) {
            lastChars -= last.remove().event().json().length();
        }
        for (Follower each : followers) {
            if (each.filter.takes(event)) {
                each.sink.accept(numbered);
            }
        }
    }

    /**
     * Calls for each matching event until closed. The callee returns at once.
     *
     * @param lastSeen id of the event after which to go on; what came since is in the answer
     */
    public synchronized Following follow(Filter filter, Optional<String> lastSeen, Consumer<Numbered> sink) {
        Follower follower = new Follower(filter, sink);
        Optional<List<Numbered>> missed = lastSeen.isEmpty() ? Optional.of(List.of()) : since(lastSeen.get(), filter);
        followers.add(follower);
        return new Following(missed, run + "-" + number, () -> followers.remove(follower));
    }

    private Optional<List<Numbered>> since(String id, Filter filter) {
        if (id.equals(run + "-" + number)) {
            return Optional.of(List.of());
        }
        boolean found = false;
        List<Numbered> missed = new ArrayList<>();
        for (Numbered each : last) {
            if (found && filter.takes(each.event())) {
                missed.add(each);
            }
            found |= each.id().equals(id);
        }
        return found ? Optional.of(missed) : Optional.empty();
    }

    public int followers() {
        return followers.size();
    }

    @Override
    public void close() {
        try {
            subscription.close();
        } catch (Exception e) {
            throw new IllegalStateException("ending a subscription does not fail", e);
        }
    }
}
