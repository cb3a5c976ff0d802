package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deploy, config change, rollback and scale-down while requests come: none fails, and each release takes over. */
class UnderLoadIT {
    private static final int CALLERS = 4;
    private static final Duration EACH_RELEASE = Duration.ofMillis(500);

    private final Server server = SharedServer.get();

    @ParameterizedTest
    @ValueSource(strings = {"web", "function", "function, isolation request"})
    void noRequestFails(String kind) throws Exception {
        WorkTree tree = kind.equals("web") ? web() : function(kind.contains("request"));
        tree.push().expectExit(0);
        try (Callers callers = new Callers(server, tree.app)) {
            callers.awaitAnswer("one");
            rewrite(tree, "one", "two");
            tree.commit("Two").push().expectExit(0);
            callers.awaitAnswer("two");
            tree.mayfly("config", "set", "SUFFIX=-set").expectExit(0);
            callers.awaitAnswer("two-set");
            tree.mayfly("rollback", "v1").expectExit(0);
            callers.awaitAnswer("one");
        }
    }

    private WorkTree web() {
        return WorkTree.empty(server, "load-web")
                .write("package.json", "{\"name\": \"load\", \"scripts\": {\"start\": \"node server.js\"}}")
                .write("server.js", """
                        const http = require('http');
                        const text = 'one' + (process.env.SUFFIX ?? '');
                        const server = http.createServer((_, r) => setTimeout(() => r.end(text), 30));
                        server.listen(process.env.PORT);
                        process.on('SIGTERM', () => server.close(() => process.exit(0)));
                        """)
                .commit("One");
    }

    private WorkTree function(boolean once) {
        return WorkTree.empty(server, once ? "load-once" : "load-function")
                .write("main.py", """
                        import os, time
                        def answer(request):
                            time.sleep(0.03)
                            return 'one' + os.environ.get('SUFFIX', '')
                        """)
                .write("mayfly.toml", """
                        schema = 1
                        kind = "function"
                        %s
                        [function]
                        target = "answer"
                        """.formatted(once ? "isolation = \"request\"" : ""))
                .commit("One");
    }

    private static void rewrite(WorkTree tree, String from, String to) throws IOException {
        for (String file : List.of("server.js", "main.py")) {
            Path path = tree.folder().resolve(file);
            if (Files.exists(path)) {
                tree.write(file, Files.readString(path).replace("'" + from + "'", "'" + to + "'"));
            }
        }
    }

    /** A few who call again and again. Closed at the end: then every call they ever made was answered. */
    private static final class Callers implements AutoCloseable {
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final ConcurrentMap<String, AtomicInteger> answers = new ConcurrentHashMap<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean stopped;

        Callers(Server server, String app) {
            for (int i = 0; i < CALLERS; i++) {
                threads.add(Thread.ofPlatform().name("caller-" + i).start(() -> {
                    while (!stopped) {
                        call(server, app);
                    }
                }));
            }
        }

        private void call(Server server, String app) {
            try {
                HttpResponse<String> answer =
                        server.send(app, HttpRequest.newBuilder().GET(), "/");
                if (answer.statusCode() == 200) {
                    answers.computeIfAbsent(answer.body(), _ -> new AtomicInteger())
                            .incrementAndGet();
                } else {
                    failures.add(answer.statusCode() + " " + answer.body());
                }
            } catch (RuntimeException e) {
                failures.add(e.toString());
            }
        }

        /** Waits until all of them have this answer, for a while. */
        void awaitAnswer(String text) throws InterruptedException {
            Wait.until("the answer " + text, Duration.ofSeconds(30), () -> {
                answers.clear();
                sleep();
                return answers.keySet().equals(Set.of(text)) || !failures.isEmpty();
            });
            assertThat(failures).isEmpty();
        }

        private static void sleep() {
            try {
                Thread.sleep(EACH_RELEASE);
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }

        @Override
        public void close() {
            stopped = true;
            for (Thread each : threads) {
                try {
                    each.join();
                } catch (InterruptedException e) {
                    throw new AssertionError("interrupted", e);
                }
            }
            assertThat(failures).isEmpty();
        }
    }
}
