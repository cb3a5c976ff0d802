package dev.mayfly.gateway.calls;

import dev.mayfly.model.AppRef;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/** Counts and times calls. Labels are bounded by the number of apps, never by what callers send. */
public final class CallMetrics {
    /** The buckets that OpenTelemetry advises for functions, in seconds. */
    private static final double[] BUCKETS = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};

    private static final String UNROUTED = "";

    private record Key(String tenant, String app, int codeClass) {}

    private final MeterRegistry registry;
    private final ConcurrentHashMap<Key, Counter> counters = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<AppRef, Timer> timers = new ConcurrentHashMap<>();

    public CallMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    public void ended(CallRecord call) {
        AppRef app = call.release().app();
        count(new Key(app.tenant().value(), app.app().value(), call.status() / 100));
        Timer timer = timers.get(app); // A plain read first: computeIfAbsent may lock.
        if (timer == null) {
            timer = timers.computeIfAbsent(app, this::timer);
        }
        timer.record(call.totalMicros(), TimeUnit.MICROSECONDS);
    }

    /** A request that led to no release. */
    public void refused(int status) {
        count(new Key(UNROUTED, UNROUTED, status / 100));
    }

    private void count(Key key) {
        Counter counter = counters.get(key);
        if (counter == null) {
            counter = counters.computeIfAbsent(key, this::counter);
        }
        counter.increment();
    }

    private Counter counter(Key key) {
        return Counter.builder("mayfly.http.requests")
                .description("Requests by outcome; without labels of an app where no app answers to the host")
                .tag("tenant", key.tenant())
                .tag("app", key.app())
                .tag("code_class", key.codeClass() + "xx")
                .register(registry);
    }

    private Timer timer(AppRef app) {
        return Timer.builder("mayfly.http.request.duration")
                .description("From the head of a request to the last byte of its answer")
                .tag("tenant", app.tenant().value())
                .tag("app", app.app().value())
                .serviceLevelObjectives(DoubleStream.of(BUCKETS)
                        .mapToObj(seconds -> Duration.ofMillis(Math.round(seconds * 1_000)))
                        .toArray(Duration[]::new))
                .register(registry);
    }
}
