package dev.mayfly.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.server.RuntimeProviders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Needs root, a C compiler and a mount namespace of its own: ./mayfly test gives it one. It runs the first of these, ./mayfly
 * test --all the others too.
 */
class SandboxBenchmarksIT {
    private static final Set<String> KEYS =
            Set.of("what", "value", "unit", "against", "against_value", "ratio", "bar", "holds");

    @TempDir
    Path folder;

    private List<String> before = List.of();

    @BeforeEach
    void remember() throws IOException {
        before = ours();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        List<String> after = ours();
        after.removeAll(before);
        assertThat(after).as("left by the benchmark").isEmpty();
    }

    @Test
    void sandboxMeasuresEveryClassBesideTheFloor() throws Exception {
        JsonNode rows = run("sandbox");
        assertThat(value(rows, "floor/1/rate")).isPositive();
        assertThat(value(rows, "floor/bare/rate")).isPositive();
        for (String each : working()) {
            JsonNode time = row(rows, each + "/create-run-reap");
            assertThat(time.path("against").asText()).isEqualTo("floor");
            // No class can be faster than the kernel alone: else one of the two was not measured.
            assertThat(time.path("ratio").asDouble()).isGreaterThan(0.5);
            assertThat(value(rows, each + "/create-run-reap/least"))
                    .isLessThanOrEqualTo(value(rows, each + "/create-run-reap/most"));
            assertThat(value(rows, each + "/4/rate")).isPositive();
            assertThat(value(rows, each + "/paused/p99")).isGreaterThanOrEqualTo(value(rows, each + "/paused/p50"));
        }
        for (String each : List.of("crun", "runc")) {
            if (working().contains(each)) {
                assertThat(row(rows, "bare-" + each + "/create-run-reap")
                                .path("ratio")
                                .asDouble())
                        .as("%s on its command line beside the floor", each)
                        .isGreaterThan(1);
                assertThat(row(rows, "native/1/rate-beside-bare-" + each)
                                .path("against")
                                .asText())
                        .isEqualTo("bare-" + each);
            }
        }
    }

    @Tag("long")
    @Test
    void fullSandboxAnswersBeforeItIsReaped() throws Exception {
        JsonNode rows = run("sandbox", "--full");
        for (String each : working()) {
            assertThat(value(rows, each + "/serve-once/4/rate")).isPositive();
            assertThat(value(rows, each + "/serve-once/open/answered/p50"))
                    .isLessThan(value(rows, each + "/serve-once/open/reaped/p50"));
        }
    }

    @Tag("long")
    @Test
    void densityCountsEveryIdleProgram() throws Exception {
        JsonNode rows = run("density");
        for (String each : working()) {
            JsonNode programs = StreamSupport.stream(rows.spliterator(), false)
                    .filter(row -> row.path("what").asText().matches(each + "/\\d+/own-processes"))
                    .findFirst()
                    .orElseThrow();
            String count = programs.path("what").asText().split("/")[1];
            if (!Set.of("runsc", "docker").contains(each)) {
                assertThat(programs.path("value").asInt()).isEqualTo(Integer.parseInt(count));
            }
            assertThat(row(rows, each + "/" + count + "/rate-of-the-last")
                            .path("ratio")
                            .asDouble())
                    .isPositive();
        }
    }

    @Tag("long")
    @Test
    void overheadMeasuresTheSameWorkOnBothSides() throws Exception {
        JsonNode rows = run("overhead");
        for (String each : working()) {
            for (String what : List.of("cpu", "memory", "file-write", "file-read", "file-small")) {
                JsonNode row = row(rows, each + "/" + what);
                assertThat(row.path("against").asText()).isEqualTo("bare host");
                assertThat(row.path("against_value").asDouble()).isPositive();
                assertThat(row.path("value").asDouble()).isPositive();
            }
        }
    }

    @Tag("long")
    @Test
    void recycleFindsNothingThatPilesUp() throws Exception {
        JsonNode rows = run("recycle");
        for (String each : working()) {
            List<JsonNode> counts = StreamSupport.stream(rows.spliterator(), false)
                    .filter(row -> row.path("what").asText().matches(each + "/\\d+/(more-.*|leftovers)"))
                    .toList();
            assertThat(counts)
                    .hasSizeGreaterThan(6)
                    .allSatisfy(row -> assertThat(row.path("holds").asBoolean())
                            .as(row.path("what").asText())
                            .isTrue());
        }
    }

    @Tag("long")
    @Test
    void bombsGoOffBesideANeighbourThatIsAnswered() throws Exception {
        JsonNode rows = run("bombs");
        String first = rows.path(0).path("what").asText().split("/")[0];
        assertThat(working()).contains(first);
        for (String bomb : List.of("fork", "memory", "spin")) {
            JsonNode tail = row(rows, first + "/" + bomb + "/p95");
            assertThat(tail.path("against").asText()).isEqualTo("quiet");
            assertThat(tail.path("against_value").asDouble()).isPositive();
            assertThat(tail.path("value").asDouble()).isPositive();
            // A crowded machine may answer late, but it answers.
            assertThat(value(rows, first + "/" + bomb + "/unanswered")).isZero();
        }
        assertThat(value(rows, first + "/leftovers")).isZero();
    }

    @Tag("long")
    @Test
    void refusesAnUnknownName() {
        assertThat(BenchMain.execute("nothing-of-this-name")).isEqualTo(2);
        assertThat(BenchMain.execute("startup", "--full")).isEqualTo(2);
    }

    /** The rows of a short run; all have the one shape and none is without a value. */
    private JsonNode run(String... arguments) throws IOException {
        Path json = folder.resolve("result.json");
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--short", "--json", json.toString()));
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(BenchMain.execute(all.toArray(String[]::new))).isZero();
        } finally {
            System.setOut(out);
        }
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(result.path("bench").asText()).isEqualTo(String.join(" ", arguments));
        assertThat(result.path("machine").path("cores").asInt()).isPositive();
        for (JsonNode row : result.path("rows")) {
            assertThat(row.properties().stream()
                            .map(java.util.Map.Entry::getKey)
                            .collect(Collectors.toSet()))
                    .isEqualTo(KEYS);
            assertThat(row.path("value").isNumber()).as(row.toString()).isTrue();
            assertThat(row.path("bar").isNull()).isEqualTo(row.path("holds").isNull());
            assertThat(printed.toString(StandardCharsets.UTF_8))
                    .contains(row.path("what").asText());
        }
        return result.path("rows");
    }

    private static List<String> working() throws InterruptedException {
        List<String> names = RuntimeProviders.from(ConfigReader.of(Map.of())).probe().stream()
                .filter(RuntimeFinding::works)
                .map(RuntimeFinding::name)
                .filter(name -> !name.equals("process"))
                .toList();
        assertThat(names).isNotEmpty();
        return names;
    }

    private static JsonNode row(JsonNode rows, String what) {
        return StreamSupport.stream(rows.spliterator(), false)
                .filter(row -> row.path("what").asText().equals(what))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row '" + what + "' in " + rows));
    }

    private static double value(JsonNode rows, String what) {
        return row(rows, what).path("value").asDouble();
    }

    /** What benchmarks make and nobody else: temporary folders, the floor's cgroups, mounts in them. */
    private static List<String> ours() throws IOException {
        List<String> found = new ArrayList<>();
        try (var folders = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            folders.map(Path::toString)
                    .filter(path -> path.contains("mayfly-bench"))
                    .forEach(found::add);
        }
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" ")[4])
                .forEach(found::add);
        return found;
    }
}
