package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.LineCutter;
import dev.mayfly.sandbox.SandboxExit;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Output of one sandbox on its way to whoever takes it: in order, on a thread of its own only while there is some. The
 * launcher sends no more than a window that was not yet taken, so a slow taker slows the program and nobody else.
 */
final class Output {
    private static final class Piece {
        final boolean stderr;
        final byte[] bytes;

        Piece(boolean stderr, byte[] bytes) {
            this.stderr = stderr;
            this.bytes = bytes;
        }
    }

    private final LineCutter out;
    private final LineCutter err;
    private final IntConsumer taken;
    private final CompletableFuture<SandboxExit> exit = new CompletableFuture<>();
    private final Queue<Piece> pieces = new ArrayDeque<>();
    private boolean printed;
    private boolean running;
    private @Nullable SandboxExit end;

    /** @param taken told how many bytes were delivered */
    Output(BiConsumer<Boolean, String> lines, IntConsumer taken) {
        this.out = new LineCutter(line -> lines.accept(false, line));
        this.err = new LineCutter(line -> lines.accept(true, line));
        this.taken = taken;
    }

    /** Completes when the sandbox has ended and everything was delivered. */
    CompletableFuture<SandboxExit> exit() {
        return exit;
    }

    synchronized void add(boolean stderr, byte[] bytes) {
        printed = true;
        pieces.add(new Piece(stderr, bytes));
        run();
    }

    void end(SandboxExit how) {
        synchronized (this) {
            if (end != null) {
                return;
            }
            end = how;
            if (printed) {
                run();
                return;
            }
        }
        exit.complete(how); // Nobody has to be waited for.
    }

    private void run() {
        if (!running) {
            Thread.ofVirtual().name("output").start(this::deliver);
            running = true; // It looks only after this one has let go of the lock.
        }
    }

    private void deliver() {
        while (true) {
            Piece piece;
            synchronized (this) {
                piece = pieces.poll();
                if (piece == null) {
                    running = false;
                    if (end == null) {
                        return;
                    }
                    break;
                }
            }
            try {
                (piece.stderr ? err : out).feed(piece.bytes, 0, piece.bytes.length);
            } finally {
                taken.accept(piece.bytes.length); // Whatever became of it: the program waits for this.
            }
        }
        try {
            out.end();
            err.end();
        } finally {
            exit.complete(end); // Somebody waits for this, too.
        }
    }
}
