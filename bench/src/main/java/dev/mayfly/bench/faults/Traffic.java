package dev.mayfly.bench.faults;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** People who use an app all the time: a few lanes of requests, one after the other, and what became of each. */
public final class Traffic implements AutoCloseable {
    private static final int LANES = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final long PAUSE_MILLIS = 10;
    /** Who is refused does not hammer: that would slow down what it waits for. */
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 50;

    /**
     * One request.
     *
     * @param status of its answer; 0 if there was none
     */
    record Call(long begin, long end, int status) {
        boolean served() {
            return status == 200;
        }
    }

    private final List<Call> calls = new ArrayList<>();
    private final List<Thread> lanes = new ArrayList<>();
    private final HttpRequest request;
    private volatile boolean stopped;

    Traffic(HttpRequest.Builder request) {
        this.request = request.timeout(TIMEOUT).build();
        for (int i = 0; i < LANES; i++) {
            lanes.add(Thread.ofPlatform().name("traffic-" + i).start(this::lane));
        }
    }

    private void lane() {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build()) {
            while (!stopped) {
                long begin = System.nanoTime();
                int status = ask(client);
                record(new Call(begin, System.nanoTime(), status));
                Thread.sleep(status == 200 ? PAUSE_MILLIS : PAUSE_AFTER_FAILURE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int ask(HttpClient client) throws InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private synchronized void record(Call call) {
        calls.add(call);
        notifyAll();
    }

    /** Forgets what was; returns how many calls that were. */
    synchronized int forget() {
        int count = calls.size();
        calls.clear();
        return count;
    }

    /** Calls since the last {@link #forget} that were not served. */
    synchronized List<Call> failures() {
        return calls.stream().filter(call -> !call.served()).toList();
    }

    /** Waits for a call that began after a moment and was served. @throws IOException if there is none in time */
    synchronized Call servedAfter(long moment, Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            for (Call call : calls) {
                if (call.served() && call.begin() - moment > 0) {
                    return call;
                }
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new IOException("the app was not served within " + limit.toSeconds() + " s; the last calls: "
                        + calls.subList(Math.max(0, calls.size() - 3), calls.size()));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    @Override
    public void close() {
        stopped = true;
        for (Thread lane : lanes) {
            try {
                lane.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
