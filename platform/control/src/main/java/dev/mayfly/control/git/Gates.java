package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps pushes and fetches of a repository apart from what needs it alone: its tidying, its deletion. Any thread may give
 * back what another took.
 */
final class Gates {
    /** Ends by closing, once. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    private static final class Gate {
        int users;
        boolean alone;
        int waiting;
    }

    private final Map<AppRef, Gate> gates = new HashMap<>();

    /** Shares the repository with others. Empty if somebody has it alone for longer than this. */
    Optional<Hold> share(AppRef app, Duration wait) throws InterruptedException {
        return enter(app, wait, false);
    }

    /** Has the repository alone. Empty if others use it for longer than this. */
    Optional<Hold> alone(AppRef app, Duration wait) throws InterruptedException {
        return enter(app, wait, true);
    }

    private synchronized Optional<Hold> enter(AppRef app, Duration wait, boolean alone) throws InterruptedException {
        Gate gate = gates.computeIfAbsent(app, _ -> new Gate());
        gate.waiting++;
        try {
            long deadline = System.nanoTime() + wait.toNanos();
            while (gate.alone || (alone && gate.users > 0)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return Optional.empty();
                }
                wait(left);
            }
            gate.users++;
            gate.alone = alone;
            return Optional.of(() -> leave(app, gate));
        } finally {
            gate.waiting--;
            forget(app, gate);
        }
    }

    private synchronized void leave(AppRef app, Gate gate) {
        gate.users--;
        gate.alone = false;
        forget(app, gate);
        notifyAll();
    }

    private void forget(AppRef app, Gate gate) {
        if (gate.users == 0 && gate.waiting == 0) {
            gates.remove(app, gate);
        }
    }
}
