package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The attacks in their short form: none of them achieves what it is for. */
@Tag("alone")
class AttackIT {
    private static final Duration LIMIT = Duration.ofMinutes(9);
    private static final int ATTACKS = 11;

    private final Server shared = SharedServer.get();

    @Test
    void noAttackHurtsHostPlatformOrNeighbour() throws Exception {
        Path json = SharedServer.newFolder("attack").resolve("result.json");
        Shell.Result result = shared.shell()
                .with("MAYFLY_BENCH_KEPT", Server.ROOT.resolve("target/kept").toString())
                .run(
                        LIMIT,
                        List.of(
                                Server.ROOT.resolve("mayfly").toString(),
                                "attack",
                                "--short",
                                "--json",
                                json.toString()));
        assertThat(result.exit()).as(result.out() + result.err()).isZero();
        JsonNode rows = Server.JSON.readTree(json.toFile()).path("rows");
        long played = 0;
        for (JsonNode row : rows) {
            assertThat(row.path("holds").asText("true")).as(row.toString()).isNotEqualTo("false");
            played += row.path("what").asText().endsWith("/recovered") ? 1 : 0;
        }
        assertThat(played).as("attacks played").isEqualTo(ATTACKS);
    }
}
