package dev.mayfly.control.deploy;

import org.jspecify.annotations.Nullable;

/**
 * Cancels a deploy where it waits or runs what others wrote, never where it keeps the books: a database driver takes an
 * interrupt for a broken connection, and then the end of the build could not be written down.
 */
final class Cancellation {
    interface Interruptible<T> {
        T run() throws InterruptedException;
    }

    private boolean asked;
    private @Nullable Thread inside;

    /** From now on the deploy goes no further. */
    synchronized void ask() {
        asked = true;
        if (inside != null) {
            inside.interrupt();
        }
    }

    synchronized boolean asked() {
        return asked;
    }

    /** @throws InterruptedException if the deploy is cancelled */
    synchronized void check() throws InterruptedException {
        if (asked) {
            throw new InterruptedException("cancelled");
        }
    }

    /** Runs what a cancellation interrupts. The thread leaves it without an interrupt: the request is remembered here. */
    <T> T during(Interruptible<T> work) throws InterruptedException {
        enter();
        try {
            return work.run();
        } finally {
            leave();
        }
    }

    private synchronized void enter() throws InterruptedException {
        check();
        inside = Thread.currentThread();
    }

    private synchronized void leave() {
        inside = null;
        Thread.interrupted();
    }
}
