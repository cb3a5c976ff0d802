package dev.mayfly.bench.attack;

import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The process that makes sandboxes is killed, as a fault in it would: what it held is given back without a restart. */
final class DeadLauncher implements Attack {
    private static final long SWEEP_SECONDS_MAX = 200;

    private static final Pattern CLAIMED =
            Pattern.compile("^mayfly_networks\\{[^}]*state=\"claimed\"[^}]*} ([0-9.]+)$", Pattern.MULTILINE);

    @Override
    public String name() {
        return "dead-launcher";
    }

    @Override
    public String about() {
        return "the process that makes sandboxes is killed; networks of those that go with it are to be given back";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        TestServer server = scene.server();
        Traces traces = new Traces(server.sandboxes());
        List<ProcessHandle> launchers = ProcessHandle.of(server.pid()).stream()
                .flatMap(ProcessHandle::children)
                .filter(Traces::isLauncher)
                .toList();
        if (launchers.isEmpty()) {
            scene.note("not played: this server's runtime class has no launcher");
            return;
        }
        for (int i = 0; i < scene.of(1, 3); i++) {
            ProcessHandle.of(server.pid()).stream()
                    .flatMap(ProcessHandle::children)
                    .filter(Traces::isLauncher)
                    .forEach(ProcessHandle::destroyForcibly);
            server.get(Honest.APP, "/echo/x");
        }
        if (scene.brief()) {
            scene.note("what is given back is not waited for: the sweep comes once a minute");
            return;
        }
        long deadline = System.nanoTime() + SWEEP_SECONDS_MAX * 1_000_000_000L;
        while (claimed(server) > traces.running() && System.nanoTime() - deadline < 0) {
            Thread.sleep(200);
        }
        double left = claimed(server) - traces.running();
        scene.none(
                "networks-kept",
                left <= 0 ? List.of() : List.of(left + " more networks are claimed than sandboxes run"));
    }

    private static double claimed(TestServer server) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String metrics = client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + server.managementPort() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher found = CLAIMED.matcher(metrics);
            if (!found.find()) {
                throw new IOException("no mayfly_networks{state=\"claimed\"} among the metrics");
            }
            return Double.parseDouble(found.group(1));
        }
    }
}
