package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.Zygote;
import dev.mayfly.sandbox.SandboxSpec;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zygotes of a launcher: one for each that was asked for lately. Forks have their addresses and their hash seed from it,
 * so it is replaced from time to time, and one that is a tenant's is never another's.
 */
final class Zygotes {
    /** For as many forks at most an address or a seed that leaks from one is worth something. */
    static final Duration AGE_MAX = Duration.ofMinutes(10);

    /** After one could not be started, or forked nothing. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(Zygotes.class);

    /** More than the pool has places for: one that has lost its place may be there a moment longer. */
    private static final int ZYGOTES_MAX = 8;

    /** The launcher has place for twelve: those above, one more while another goes for it, and these. */
    private static final int SUCCESSORS_MAX = 2;

    /** A start that was on its way when its zygote was retired has long come by the time that so many more are. */
    private static final int RETIRED_MAX = 256;

    /** A successor has had time to get ready. */
    private static final Duration READY_WITHIN = Duration.ofSeconds(2);

    /** One that forks nothing by then never will, however busy the machine is; meanwhile sandboxes are started. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int NONE = 0;

    /** @param next that will follow it */
    private record Running(int number, long begun, @Nullable Running next) {}

    private final NativeRoots roots;
    private final LauncherConnection connection;
    private final Duration age;

    /** In the order of use, the longest unused first. */
    private final Map<Zygote, Running> running = new LinkedHashMap<>(16, 0.75f, true);

    /** Until when none is started: one tenant's that does not start is not in the others' way. */
    private final Map<Zygote, Long> paused = new HashMap<>();

    /** Of an owner, and never started again. */
    private final Set<Zygote> retired = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Zygote, Boolean> eldest) {
            return size() > RETIRED_MAX;
        }
    });

    /** @param age after which one is replaced */
    Zygotes(NativeRoots roots, LauncherConnection connection, Duration age) {
        this.roots = roots;
        this.connection = connection;
        this.age = age;
    }

    /** The number of the zygote to fork from, started if need be; 0 if there is none to be had. */
    synchronized int of(Optional<Zygote> wanted) throws InterruptedException {
        if (wanted.isEmpty() || retired.contains(wanted.get()) || pauses(wanted.get())) {
            return NONE;
        }
        promoteReady();
        Zygote zygote = wanted.get();
        Running known = running.get(zygote);
        if (known != null && since(known.begun) < age.toNanos()) {
            return known.number;
        }
        try {
            return known == null ? first(zygote) : successor(zygote, known);
        } catch (LauncherRefusal.Refused e) {
            log.atWarn()
                    .addKeyValue("field", e.why.field())
                    .addKeyValue("expected", e.why.expected())
                    .log("No new zygote");
            if (known == null) {
                pause(zygote);
                return NONE;
            }
            running.put(zygote, new Running(known.number, System.nanoTime() - age.toNanos() + PAUSE.toNanos(), null));
            return known.number;
        }
    }

    private int first(Zygote zygote) throws InterruptedException {
        Running made = start(zygote);
        running.put(zygote, made);
        while (running.size() > ZYGOTES_MAX) {
            Zygote oldest = running.keySet().iterator().next();
            Running gone = Objects.requireNonNull(running.remove(oldest));
            retire(gone);
        }
        return made.number;
    }

    /** The old one serves until the new one has had time to get ready. */
    private int successor(Zygote zygote, Running old) throws InterruptedException {
        boolean room =
                running.values().stream().filter(each -> each.next != null).count() < SUCCESSORS_MAX;
        if (old.next == null && room) {
            running.put(zygote, new Running(old.number, old.begun, start(zygote)));
        }
        return old.number;
    }

    /** Of all, as one that nobody asks for would keep its successor's place from the others'. */
    private void promoteReady() throws InterruptedException {
        for (Map.Entry<Zygote, Running> each : running.entrySet()) {
            Running old = each.getValue();
            if (old.next != null && since(old.next.begun) >= READY_WITHIN.toNanos()) {
                each.setValue(old.next);
                retire(new Running(old.number, old.begun, null));
            }
        }
    }

    /** Ends it, with its successor. One that is somebody's own is never started again. */
    synchronized void retire(Zygote zygote) throws InterruptedException {
        if (zygote.owner().isPresent()) {
            retired.add(zygote);
        }
        Running known = running.remove(zygote);
        if (known != null) {
            retire(known);
        }
    }

    private static long since(long then) {
        return System.nanoTime() - then;
    }

    /** It had nothing to fork from: one that is still not ready, or is gone, is not waited for. */
    synchronized void missed(Optional<Zygote> wanted) throws InterruptedException {
        Running known = wanted.map(running::get).orElse(null);
        if (known != null && since(known.begun) > PATIENCE.toNanos()) {
            log.atWarn().addKeyValue("zygote", known.number).log("It forks nothing: sandboxes are started instead");
            running.remove(wanted.get());
            retire(known);
            pause(wanted.get());
        }
    }

    private void pause(Zygote zygote) {
        paused.values().removeIf(until -> since(until) >= 0);
        paused.put(zygote, System.nanoTime() + PAUSE.toNanos());
    }

    private boolean pauses(Zygote zygote) {
        Long until = paused.get(zygote);
        return until != null && since(until) < 0;
    }

    private Running start(Zygote zygote) throws InterruptedException {
        NativeRoots.Key key = new NativeRoots.Key(zygote.layers(), SandboxSpec.UID_MIN, List.of());
        try {
            int number = connection
                    .call(new Frame(Frame.ZYGOTE)
                            .u32(roots.acquire(key))
                            .command(zygote.argv(), Map.of())) // The launcher knows what it needs of an environment.
                    .getInt();
            return new Running(number, System.nanoTime(), null);
        } finally {
            roots.release(key); // It has a copy.
        }
    }

    private void retire(Running zygote) throws InterruptedException {
        if (zygote.next != null) {
            retire(zygote.next);
        }
        try {
            connection.call(new Frame(Frame.RETIRE).u32(zygote.number));
        } catch (LauncherRefusal.Refused e) {
            log.atDebug().addKeyValue("zygote", zygote.number).log("It had ended already");
        }
    }
}
