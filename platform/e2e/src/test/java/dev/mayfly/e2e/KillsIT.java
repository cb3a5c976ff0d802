package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The random kills of {@code ./mayfly bench kills} in their short form: how fast all recovers is not asked here. */
@Tag("alone")
class KillsIT {
    private final Server shared = SharedServer.get();

    @Test
    void killedAtRandomNothingUnknownStaysAndTheAppIsServedAgain() throws Exception {
        Path json = SharedServer.newFolder("kills").resolve("result.json");
        Shell.Result result = shared.shell()
                .with("MAYFLY_BENCH_KEPT", Server.ROOT.resolve("target/kept").toString())
                .run(
                        Duration.ofMinutes(5),
                        List.of(
                                Server.ROOT.resolve("mayfly").toString(),
                                "bench",
                                "kills",
                                "--short",
                                "--json",
                                json.toString()));
        result.expectExit(0);
        assertThat(result.out()).contains("seed ");
        Map<String, JsonNode> rows = new HashMap<>();
        Server.JSON
                .readTree(Files.readString(json))
                .path("rows")
                .forEach(row -> rows.put(row.path("what").asText(), row));
        assertThat(rows).containsKeys("kills/server/count", "kills/instance/count", "kills/leftovers");
        for (String what :
                List.of("kills/leftovers", "kills/server/unknown-gone/most", "kills/instance/unknown-gone/most")) {
            JsonNode row = rows.getOrDefault(what, MissingNode.getInstance());
            assertThat(row.path("holds").asBoolean()).as(result.out()).isTrue();
        }
    }
}
