package dev.mayfly.sandbox.launcher;

import dev.mayfly.pool.api.Zygote;
import dev.mayfly.sandbox.SandboxSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zygotes of a launcher: one for each that was asked for lately. Forks have their addresses and their hash seed from it,
 * so it is replaced from time to time.
 */
final class Zygotes {
    /** For as many forks at most an address or a seed that leaks from one is worth something. */
    static final Duration AGE_MAX = Duration.ofMinutes(10);

    static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(Zygotes.class);

    /** The launcher has place for eight. */
    private static final int ZYGOTES_MAX = 7;

    private static final Duration READY_WITHIN = Duration.ofSeconds(5);
    private static final int NONE = 0;

    private record Running(int number, long since) {}

    private final NativeRoots roots;
    private final Connection connection;
    private final long ageMaxNanos;
    private final Duration pause;
    /** In the order of use, the longest unused first. */
    private final Map<Zygote, Running> running = new LinkedHashMap<>(16, 0.75f, true);

    private long refusedUntil = System.nanoTime();

    /** @param pause after one could not be started, or forked nothing */
    Zygotes(NativeRoots roots, Connection connection, Duration ageMax, Duration pause) {
        this.pause = pause;
        this.roots = roots;
        this.connection = connection;
        this.ageMaxNanos = ageMax.toNanos();
    }

    /** The number of the zygote to fork from, started if need be; 0 if there is none to be had. */
    synchronized int of(Optional<Zygote> wanted) throws InterruptedException {
        if (wanted.isEmpty() || System.nanoTime() - refusedUntil < 0) {
            return NONE;
        }
        Zygote zygote = wanted.get();
        Running known = running.get(zygote);
        if (known != null && System.nanoTime() - known.since < ageMaxNanos) {
            return known.number;
        }
        try {
            Running next = new Running(start(zygote), System.nanoTime());
            Running before = running.put(zygote, next);
            if (before != null) {
                retire(before);
            }
            while (running.size() > ZYGOTES_MAX) {
                retire(Objects.requireNonNull(
                        running.remove(running.keySet().iterator().next())));
            }
            return next.number;
        } catch (Refusal.Refused e) {
            log.atWarn()
                    .addKeyValue("field", e.why.field())
                    .addKeyValue("expected", e.why.expected())
                    .log("No new zygote");
            if (known == null) {
                refusedUntil = System.nanoTime() + pause.toNanos();
                return NONE;
            }
            running.put(zygote, new Running(known.number, System.nanoTime() - ageMaxNanos + pause.toNanos()));
            return known.number;
        }
    }

    /** It had nothing to fork from: one that is still not ready, or is gone, is not waited for. */
    synchronized void missed(Optional<Zygote> wanted) throws InterruptedException {
        Running known = wanted.map(running::get).orElse(null);
        if (known != null && System.nanoTime() - known.since > READY_WITHIN.toNanos()) {
            log.atWarn().addKeyValue("zygote", known.number).log("It forks nothing: sandboxes are started instead");
            running.remove(wanted.get());
            retire(known);
            refusedUntil = System.nanoTime() + pause.toNanos();
        }
    }

    private int start(Zygote zygote) throws InterruptedException {
        NativeRoots.Key key = new NativeRoots.Key(zygote.layers(), SandboxSpec.UID_MIN);
        try {
            return connection
                    .call(new Frame(Frame.ZYGOTE)
                            .u32(roots.acquire(key))
                            .command(zygote.argv(), new TreeMap<>(zygote.env())))
                    .getInt();
        } finally {
            roots.release(key); // It has a copy.
        }
    }

    private void retire(Running zygote) throws InterruptedException {
        try {
            connection.call(new Frame(Frame.RETIRE).u32(zygote.number));
        } catch (Refusal.Refused e) {
            log.atDebug().addKeyValue("zygote", zygote.number).log("It had ended already");
        }
    }
}
