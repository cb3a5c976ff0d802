package dev.mayfly.bench.attack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/** Callers that leave in the middle of an answer: their leaving must not be taken for the instance's fault. */
final class LeavingCallers implements Attack {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final Set<String> LIVE = Set.of("ready", "frozen", "starting");

    @Override
    public String name() {
        return "leaving-callers";
    }

    @Override
    public String about() {
        return "callers leave in the middle of endless answers, to make the pool take its instances for broken";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        Set<String> before = instances(scene);
        String request = "GET /endless HTTP/1.1\r\nHost: " + Honest.APP + ".local.localhost\r\n\r\n";
        for (int i = 0; i < scene.of(50, 500); i++) {
            try (Socket socket =
                    new Socket(InetAddress.getLoopbackAddress(), scene.server().port())) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                if (socket.getInputStream().readNBytes(64).length == 0) {
                    throw new IOException("an endless answer did not begin");
                }
                if (i % 2 == 0) {
                    socket.setSoLinger(true, 0); // Leaves by a reset.
                }
            }
        }
        Samples after = new Samples();
        for (int i = 0; i < 5; i++) {
            long begin = System.nanoTime();
            scene.server().get(Honest.APP, "/echo/x");
            after.add(System.nanoTime() - begin);
        }
        scene.add(Row.alone(scene.name("answers-afterwards"), after.most(), "ms"));
        Set<String> lost = new TreeSet<>(before);
        lost.removeAll(instances(scene));
        scene.none("instances-lost", lost.stream().toList());
    }

    private static Set<String> instances(Scene scene) throws IOException, InterruptedException {
        Set<String> ids = new TreeSet<>();
        for (JsonNode each : new ObjectMapper()
                .readTree(scene.server().instances(Honest.APP))
                .path("items")) {
            if (LIVE.contains(each.path("state").asText())) {
                ids.add(each.path("id").asText());
            }
        }
        return ids;
    }
}
