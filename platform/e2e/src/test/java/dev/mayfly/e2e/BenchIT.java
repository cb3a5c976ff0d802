package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Benchmarks of the pool in their short form: what they ask to be none is none. How fast it is here is not the question. */
@Tag("alone")
class BenchIT {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** Exit code of a benchmark that the machine kept from seeing what it compares. */
    private static final int DISTURBED = 3;

    private final Server shared = SharedServer.get();

    /** The one that {@code ./mayfly test} always runs. */
    @Test
    void noClaimMeetsWhatItMustNot() throws Exception {
        expectNothingThatMustNotHappen("claim --only python");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"fresh --only python", "burst --only python", "neighbour", "leftovers"})
    void whatMustNotHappenDoesNot(String bench) throws Exception {
        expectNothingThatMustNotHappen(bench);
    }

    private void expectNothingThatMustNotHappen(String bench) throws Exception {
        Path json = SharedServer.newFolder("bench").resolve("result.json");
        run(bench, json).expectExit(0);
        expectNoneWhereNoneIsAsked(json);
    }

    /** What they compare happens only on a machine that does not stand still for a while; where it did, they say that alone and end. */
    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"freeze --only python", "replay"})
    void whatMustNotHappenDoesNotWhereItCouldBeSeen(String bench) throws Exception {
        Path json = SharedServer.newFolder("bench").resolve("result.json");
        Shell.Result result = run(bench, json);
        assumeThat(result.exit()).as(result.complaint()).isNotEqualTo(DISTURBED);
        result.expectExit(0);
        expectNoneWhereNoneIsAsked(json);
    }

    private Shell.Result run(String bench, Path json) {
        List<String> command =
                new ArrayList<>(List.of(Server.ROOT.resolve("mayfly").toString(), "bench"));
        command.addAll(List.of(bench.split(" ")));
        command.addAll(List.of("--short", "--json", json.toString()));
        return shared.shell()
                .with("MAYFLY_BENCH_KEPT", Server.ROOT.resolve("target/kept").toString())
                .run(LIMIT, command);
    }

    private static void expectNoneWhereNoneIsAsked(Path json) throws Exception {
        JsonNode rows = Server.JSON.readTree(json.toFile()).path("rows");
        assertThat(rows).isNotEmpty();
        for (JsonNode row : rows) {
            if (row.path("bar").asText().equals("none")) {
                assertThat(row.path("value").asDouble()).as(row.toString()).isZero();
            }
        }
    }
}
