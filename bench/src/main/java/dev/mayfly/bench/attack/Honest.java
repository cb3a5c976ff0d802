package dev.mayfly.bench.attack;

import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Callers of the honest app. Each request has a word of its own, so an answer that belongs to another one shows. */
final class Honest implements AutoCloseable {
    static final String APP = "honest";
    private static final int CALLERS = 4;
    private static final Duration PAUSE = Duration.ofMillis(40);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** What they met since the last look. */
    record Met(Samples millis, List<String> failures) {}

    private final HttpRequest.Builder template;
    private final URI base;
    private final AtomicLong words = new AtomicLong();
    private final List<Thread> callers = new ArrayList<>();
    private final Object lock = new Object();
    private Met met = new Met(new Samples(), new ArrayList<>());
    private volatile boolean stopped;

    Honest(TestServer server) {
        this.template = server.request(APP, "/").timeout(TIMEOUT);
        this.base = template.build().uri();
        for (int i = 0; i < CALLERS; i++) {
            callers.add(Thread.ofPlatform().name("honest-" + i).start(this::call));
        }
    }

    /** Takes what they met and begins anew. */
    Met take() {
        synchronized (lock) {
            Met taken = met;
            met = new Met(new Samples(), new ArrayList<>());
            return taken;
        }
    }

    private void call() {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build()) {
            while (!stopped) {
                one(client);
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void one(HttpClient client) throws InterruptedException {
        String word = "w" + words.incrementAndGet();
        long begin = System.nanoTime();
        String wrong = "";
        try {
            HttpResponse<String> answer = client.send(
                    template.copy().uri(base.resolve("/echo/" + word)).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200 || !answer.body().equals(word)) {
                wrong = word + " was answered with " + answer.statusCode() + " " + answer.body();
            }
        } catch (IOException e) {
            wrong = word + ": " + e;
        }
        synchronized (lock) {
            met.millis().add(System.nanoTime() - begin);
            if (!wrong.isEmpty()) {
                met.failures().add(wrong);
            }
        }
    }

    @Override
    public void close() {
        stopped = true;
        for (Thread caller : callers) {
            try {
                caller.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
