package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Functions of isolation "request", whose instances were bound late: nobody meets anything of another's request, and nothing
 * of an instance stays on the machine.
 */
class FreshIT {
    private static final int CALLS = 60;
    private static final int AT_ONCE = 4;

    private final Server server = SharedServer.get();

    @ParameterizedTest
    @CsvSource({"main.py, ", "index.mjs, package.json"})
    void noRequestMeetsWhatAnotherLeft(String file, String manifest) throws Exception {
        WorkTree tree = marks("fresh-" + file.replace('.', '-'), file, manifest, "isolation = \"request\"\n");
        Set<String> instances = new HashSet<>();
        Set<String> numbers = new HashSet<>();
        Set<String> met = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (HttpResponse<String> answer : callAll(tree.app)) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(instances.add(header(answer, "mayfly-instance")))
                    .as("an instance that served before")
                    .isTrue();
            met.add(header(answer, "mayfly-start"));
            JsonNode found = Server.JSON.readTree(answer.body());
            for (String mark : List.of("calls", "unix", "listening")) {
                assertThat(found.path(mark).asInt(-1)).as(mark).isZero();
            }
            assertThat(found.path("tmp")).isEmpty();
            assertThat(found.path("shm")).isEmpty();
            assertThat(found.path("env").asText("?")).isEmpty();
            assertThat(numbers.add(found.path("random").asText())).isTrue();
            assertThat(numbers.add(found.path("uuid").asText())).isTrue();
            seen.add(found.path("threads") + " threads, " + found.path("processes") + " processes, "
                    + found.path("descriptors") + " descriptors");
        }
        assertThat(seen).as("bound late or not, all look alike").hasSize(1);
        assertThat(met).isSubsetOf("fresh", "pool", "cold").contains("pool");
        server.mayfly("apps", "destroy", tree.app, "--yes", tree.app).expectExit(0);
        List<String> left = new ArrayList<>();
        Wait.until("nothing is left of them", Duration.ofSeconds(30), () -> {
            left.clear();
            instances.forEach(id -> left.addAll(HostTraces.of(server, id)));
            return left.isEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource({"main.py, ", "index.mjs, package.json"})
    void whatIsSetReachesThemHoweverTheyStart(String file, String manifest) throws Exception {
        WorkTree tree = marks("set-" + file.replace('.', '-'), file, manifest, "");
        tree.mayfly("config", "set", "GREETING=grüß = \"x\"").expectExit(0);
        assertThat(found(tree.app).path("greeting").asText()).isEqualTo("grüß = \"x\"");
        // Read by Python at its start alone: such a release is not bound late.
        tree.mayfly("config", "set", "PYTHONHASHSEED=7", "GREETING=again").expectExit(0);
        long hash = found(tree.app).path("hash").asLong();
        tree.mayfly("config", "set", "GREETING=more").expectExit(0);
        JsonNode other = found(tree.app);
        assertThat(other.path("greeting").asText()).isEqualTo("more");
        assertThat(other.path("calls").asInt(-1)).as("another instance").isZero();
        assertThat(other.path("hash").asLong()).isEqualTo(hash);
    }

    /** What a fork could have in common with others of its zygote, but for the seed of hashes, which it has. */
    @Test
    void forksOfPythonHaveChancePidsAndClocksOfTheirOwn() throws Exception {
        WorkTree tree = marks("forks", "main.py", "", "isolation = \"request\"\n");
        Set<String> chance = new HashSet<>();
        int forked = 0;
        for (HttpResponse<String> answer : callAll(tree.app)) {
            JsonNode found = Server.JSON.readTree(answer.body());
            for (String each : List.of("random", "uuid", "openssl", "name")) {
                assertThat(chance.add(found.path(each).asText())).as(each).isTrue();
            }
            assertThat(found.path("pid").asInt()).isEqualTo(1);
            assertThat(found.path("clocks").path(0).asDouble())
                    .isCloseTo(System.currentTimeMillis() / 1e3, Offset.offset(60.0));
            assertThat(found.path("clocks").path(2).asDouble())
                    .as("seconds of processor time")
                    .isLessThan(5);
            forked += found.path("forked").asBoolean() ? 1 : 0;
        }
        assertThat(forked).as("forked of %d", CALLS).isGreaterThan(CALLS / 2);
        tree.mayfly("config", "set", "PYTHONHASHSEED=random").expectExit(0);
        Set<Long> seeds = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            JsonNode found = found(tree.app);
            assertThat(found.path("forked").asBoolean()).isFalse();
            seeds.add(found.path("hash").asLong());
        }
        assertThat(seeds).hasSize(5);
    }

    private WorkTree marks(String app, String file, String manifest, String toml) throws IOException {
        WorkTree tree =
                WorkTree.empty(server, app).write(file, resource(file)).write("mayfly.toml", """
                        schema = 1
                        kind = "function"
                        egress = "none"
                        %s
                        [function]
                        target = "leave"
                        """.formatted(toml));
        if (manifest != null && !manifest.isEmpty()) {
            tree.write(manifest, "{\"name\": \"marks\"}");
        }
        tree.commit("Start").push().expectExit(0);
        return tree;
    }

    private JsonNode found(String app) throws IOException {
        HttpResponse<String> answer = server.get(app, "/");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Server.JSON.readTree(answer.body());
    }

    private List<HttpResponse<String>> callAll(String app) throws Exception {
        List<Future<HttpResponse<String>>> calls = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int i = 0; i < CALLS; i++) {
                calls.add(callers.submit(
                        () -> server.send(app, HttpRequest.newBuilder().GET(), "/")));
            }
        }
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (Future<HttpResponse<String>> call : calls) {
            answers.add(call.get());
        }
        return answers;
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("none");
    }

    private static String resource(String file) throws IOException {
        try (var in = FreshIT.class.getResourceAsStream("/marks/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
