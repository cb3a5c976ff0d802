package dev.mayfly.sandbox.network;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two loops of the networks: one makes, what somebody waits for first; the other destroys, many at once, as the kernel
 * does that best. Neither queue can grow past the number of links.
 */
final class Background implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Background.class);
    private static final int AT_ONCE = 16;
    private static final long BUSY_WAIT_MS = 10;
    private static final long IDLE_WAIT_MS = 1_000;
    private static final long WATCH_NS = 1_000_000_000;
    private static final Duration END_LIMIT = Duration.ofSeconds(30);
    private static final long LATE_NS = 10_000_000_000L;
    private static final long RECENT_NS = 60_000_000_000L;
    private static final long AFTER_FAILURE_MS = 1_000;

    /** What makes links and takes them away. */
    interface Maker {
        void make(int link);

        /** Returns those of which something is left. */
        List<Integer> destroy(List<Integer> links) throws InterruptedException;
    }

    /** Who knows what is to be done, and is told what was. */
    interface Registry {
        List<LinkPool.Action> plan(int max);

        boolean busy();

        void made(int link);

        void failed(int link);

        void gone(int link);

        void stuck(int link);

        /** Looks after what others may have broken. */
        void watch() throws InterruptedException;
    }

    /** @param link to make, or none to wake up only */
    private record Order(int link, CompletableFuture<Integer> made, long since) {}

    private record Failure(String why, long at) {}

    private static final int NONE = -1;

    private final Maker maker;
    private final Registry registry;
    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Integer> going = new LinkedBlockingQueue<>();
    private final Queue<Integer> ahead = new ArrayDeque<>();
    private final Supervised making;
    private final Supervised destroying;
    private final Health.Registration check;
    private long watched = System.nanoTime();
    private final Queue<LinkPool.Action> planned = new ArrayDeque<>();
    private final Queue<Integer> underDestruction = new ArrayDeque<>();
    private volatile @Nullable Order inHand;
    private volatile @Nullable Failure failure;
    private volatile boolean closed;

    /** Starts both loops. */
    Background(Maker maker, Registry registry, Health health) {
        this.maker = maker;
        this.registry = registry;
        this.check = health.add(Part.STARTS, "networks", this::trouble);
        this.making = health.loop(Part.STARTS, "mayfly-networks", this::makeOne);
        this.destroying = health.loop(Part.STARTS, "mayfly-networks-end", this::destroySome);
    }

    /** Makes a link before all that is not waited for. */
    CompletableFuture<Integer> make(int link) {
        CompletableFuture<Integer> made = new CompletableFuture<>();
        orders.add(new Order(link, made, System.nanoTime()));
        if (closed) {
            made.completeExceptionally(new IllegalStateException("closed"));
        }
        return made;
    }

    /** There may be something to do. */
    void wake() {
        if (orders.isEmpty()) {
            orders.add(new Order(NONE, new CompletableFuture<>(), System.nanoTime()));
        }
    }

    /** One turn: of all that is to be done, what is waited for first. */
    private void makeOne() throws InterruptedException {
        Optional<Order> unfinished = Optional.ofNullable(inHand);
        if (unfinished.isPresent()) { // The turn before this one ended in the middle of it.
            fail(unfinished.get(), new IllegalStateException("its making was cut off"));
        }
        if (System.nanoTime() - watched > WATCH_NS) {
            watched = System.nanoTime();
            registry.watch();
        }
        long wait = !ahead.isEmpty() ? 0 : registry.busy() ? BUSY_WAIT_MS : IDLE_WAIT_MS;
        Order order = orders.poll(wait, TimeUnit.MILLISECONDS);
        if (order != null && order.link() != NONE) {
            make(order);
        } else if (!ahead.isEmpty()) {
            make(new Order(ahead.remove(), new CompletableFuture<>(), System.nanoTime()));
        } else {
            plan();
        }
    }

    private void plan() {
        planned.addAll(registry.plan(AT_ONCE));
        for (LinkPool.Action action; (action = planned.peek()) != null; planned.remove()) {
            switch (action) {
                case LinkPool.Action.Destroy(int link) -> going.add(link);
                case LinkPool.Action.Make(int link) -> ahead.add(link);
            }
        }
    }

    private void make(Order order) throws InterruptedException {
        inHand = order;
        try {
            maker.make(order.link());
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("link", order.link()).setCause(e).log("A network could not be made");
            fail(order, e);
            Thread.sleep(orders.isEmpty() ? AFTER_FAILURE_MS : 0); // What fails once fails again at once.
            return;
        } catch (Throwable e) { // The turn ends of it; whoever waits is told now, not when their patience ends.
            fail(order, e);
            throw e;
        }
        failure = null;
        registry.made(order.link());
        inHand = null;
        order.made().complete(order.link());
    }

    private void fail(Order order, Throwable why) {
        inHand = null;
        try {
            failure = new Failure(String.valueOf(why.getMessage()), System.nanoTime());
            registry.failed(order.link());
        } finally {
            order.made().completeExceptionally(why); // Last: whoever hears of it finds it noted.
        }
    }

    private void destroySome() throws InterruptedException {
        noteCutOff();
        underDestruction.add(going.take());
        going.drainTo(underDestruction);
        List<Integer> left = destroy(List.copyOf(underDestruction));
        for (Integer link; (link = underDestruction.peek()) != null; underDestruction.remove()) {
            if (left.contains(link)) {
                log.atWarn().addKeyValue("link", link).log("Something is left of a network; it stays unused");
                registry.stuck(link);
            } else {
                registry.gone(link);
            }
        }
    }

    /** The turn before this one ended in the middle of these: they are tried again later. The first of them may be noted. */
    private void noteCutOff() {
        for (Integer link; (link = underDestruction.poll()) != null; ) {
            try {
                registry.stuck(link);
            } catch (RuntimeException | Error e) {
                log.atError().addKeyValue("link", link).setCause(e).log("What became of a network is not noted");
            }
        }
    }

    private List<Integer> destroy(List<Integer> links) throws InterruptedException {
        try {
            return maker.destroy(links);
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("Networks could not be destroyed");
            return links;
        }
    }

    /** Whether networks can be made: what somebody waits for is made in time, and what was tried last was made. */
    private Optional<String> trouble() {
        long now = System.nanoTime();
        Order oldest = inHand == null ? orders.peek() : inHand;
        if (oldest != null && oldest.link() != NONE && now - oldest.since() > LATE_NS) {
            return Optional.of("a network is waited for since " + (now - oldest.since()) / 1_000_000_000 + " s");
        }
        Failure last = failure;
        return last != null && now - last.at() < RECENT_NS
                ? Optional.of("the last network could not be made: " + last.why())
                : Optional.empty();
    }

    /** Ends both loops, between two links. */
    @Override
    public void close() {
        closed = true;
        wake();
        check.close();
        making.finish(END_LIMIT);
        destroying.close();
        orders.forEach(order -> order.made().completeExceptionally(new IllegalStateException("closed")));
    }
}
