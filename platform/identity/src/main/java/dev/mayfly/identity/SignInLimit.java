package dev.mayfly.identity;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** At most ten failed sign-ins for a name in ten minutes. Remembers a thousand names, those that failed last. */
final class SignInLimit {
    private static final int FAILURES_MAX = 10;
    private static final int NAMES_MAX = 1_000;
    private static final Duration WINDOW = Duration.ofMinutes(10);

    private record Failures(int count, Instant since) {}

    private final Clock clock;
    private final Map<String, Failures> byName = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > NAMES_MAX;
        }
    };

    SignInLimit(Clock clock) {
        this.clock = clock;
    }

    synchronized boolean reached(String name) {
        Failures failures = byName.get(name);
        return failures != null && !past(failures) && failures.count() >= FAILURES_MAX;
    }

    synchronized void failed(String name) {
        Failures so = byName.get(name);
        byName.put(
                name,
                so == null || past(so) ? new Failures(1, clock.instant()) : new Failures(so.count() + 1, so.since()));
    }

    synchronized void succeeded(String name) {
        byName.remove(name);
    }

    private boolean past(Failures failures) {
        return failures.since().plus(WINDOW).isBefore(clock.instant());
    }
}
