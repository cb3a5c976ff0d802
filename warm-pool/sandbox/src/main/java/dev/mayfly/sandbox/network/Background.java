package dev.mayfly.sandbox.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two threads of the networks: one makes, what somebody waits for first; the other destroys, many at once, as the kernel
 * does that best. Neither queue can grow past the number of links.
 */
final class Background implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Background.class);
    private static final int AT_ONCE = 16;
    private static final long BUSY_WAIT_MS = 10;
    private static final long IDLE_WAIT_MS = 1_000;
    private static final long WATCH_NS = 1_000_000_000;
    private static final long END_LIMIT_MS = 30_000;
    private static final long AFTER_FAILURE_MS = 1_000;

    /** Who knows what is to be done, and is told what was. */
    interface Books {
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
    private record Order(int link, CompletableFuture<Integer> made) {}

    private static final int NONE = -1;

    private final LinkMaker maker;
    private final Books books;
    private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Integer> going = new LinkedBlockingQueue<>();
    private final Thread making = Thread.ofPlatform().name("mayfly-networks").unstarted(this::makeAll);
    private final Thread destroying =
            Thread.ofPlatform().name("mayfly-networks-end").unstarted(this::destroyAll);
    private volatile boolean closed;

    Background(LinkMaker maker, Books books) {
        this.maker = maker;
        this.books = books;
    }

    void start() {
        making.setDaemon(true);
        destroying.setDaemon(true);
        making.start();
        destroying.start();
    }

    /** Makes a link before all that is not waited for. */
    CompletableFuture<Integer> make(int link) {
        CompletableFuture<Integer> made = new CompletableFuture<>();
        orders.add(new Order(link, made));
        if (closed) {
            made.completeExceptionally(new IllegalStateException("closed"));
        }
        return made;
    }

    /** There may be something to do. */
    void wake() {
        if (orders.isEmpty()) {
            orders.add(new Order(NONE, new CompletableFuture<>()));
        }
    }

    private void makeAll() {
        Queue<Integer> ahead = new ArrayDeque<>();
        long watched = System.nanoTime();
        while (!closed) {
            try {
                if (System.nanoTime() - watched > WATCH_NS) {
                    watched = System.nanoTime();
                    books.watch();
                }
                long wait = !ahead.isEmpty() ? 0 : books.busy() ? BUSY_WAIT_MS : IDLE_WAIT_MS;
                Order order = orders.poll(wait, TimeUnit.MILLISECONDS);
                if (order != null && order.link() != NONE) {
                    make(order.link(), order.made());
                } else if (!ahead.isEmpty()) {
                    make(ahead.remove(), new CompletableFuture<>());
                } else {
                    plan(ahead);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("The books of networks do not add up");
            }
        }
    }

    private void plan(Queue<Integer> ahead) {
        for (LinkPool.Action action : books.plan(AT_ONCE)) {
            switch (action) {
                case LinkPool.Action.Destroy(int link) -> going.add(link);
                case LinkPool.Action.Make(int link) -> ahead.add(link);
            }
        }
    }

    private void make(int link, CompletableFuture<Integer> made) throws InterruptedException {
        try {
            maker.make(link);
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("link", link).setCause(e).log("A network could not be made");
            books.failed(link);
            made.completeExceptionally(e);
            Thread.sleep(orders.isEmpty() ? AFTER_FAILURE_MS : 0); // What fails once fails again at once.
            return;
        }
        books.made(link);
        made.complete(link);
    }

    private void destroyAll() {
        while (!closed) {
            try {
                List<Integer> links = new ArrayList<>(List.of(going.take()));
                going.drainTo(links);
                List<Integer> left = destroy(links);
                links.forEach(link -> {
                    if (left.contains(link)) {
                        log.atWarn().addKeyValue("link", link).log("Something is left of a network; it stays unused");
                        books.stuck(link);
                    } else {
                        books.gone(link);
                    }
                });
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("The books of networks do not add up");
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

    /** Ends both threads, between two links. */
    @Override
    public void close() {
        closed = true;
        wake();
        destroying.interrupt();
        try {
            making.join(END_LIMIT_MS);
            destroying.join(END_LIMIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        orders.forEach(order -> order.made().completeExceptionally(new IllegalStateException("closed")));
    }
}
