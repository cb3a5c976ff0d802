package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The client's everyday commands on a living app, as people and as scripts use them. */
@TestMethodOrder(OrderAnnotation.class)
class CommandsIT {
    private static final String APP = "daily";
    private final Server server = SharedServer.get();

    @Test
    @Order(1)
    void configSetMakesANewReleaseWithoutABuild() {
        WorkTree tree = WorkTree.empty(server, APP)
                .write("package.json", "{\"name\":\"daily\",\"scripts\":{\"start\":\"node server.js\"}}")
                .write(
                        "server.js",
                        "require('http').createServer((q, s) => { console.log('asked for ' + q.url); s.end(process.env.GREETING || 'unset') }).listen(process.env.PORT)\n")
                .commit("Start");
        tree.push().expectExit(0);
        assertThat(server.get(APP, "/").body()).isEqualTo("unset");
        int builds = Json.items(server.json("builds", "--app", APP)).size();
        server.mayfly("config", "set", "GREETING=hello there", "--app", APP).expectExit(0);
        assertThat(server.get(APP, "/").body()).isEqualTo("hello there");
        assertThat(Json.items(server.json("builds", "--app", APP))).hasSize(builds);
        assertThat(server.mayfly("config", "get", "GREETING", "--app", APP).line())
                .isEqualTo("hello there");
    }

    @Test
    @Order(2)
    void releasesAreListedNewestFirstWithTheirReason() {
        JsonNode releases = server.json("releases", "--app", APP);
        assertThat(Json.items(releases)).hasSizeGreaterThanOrEqualTo(2);
        JsonNode newest = Json.items(releases).getFirst();
        assertThat(newest.path("id").asText()).isEqualTo("v2");
        assertThat(newest.path("reason").asText()).isEqualTo("config");
        assertThat(newest.path("state").asText()).isEqualTo("live");
        assertThat(newest.path("app").asText()).isEqualTo(APP);
    }

    @Test
    @Order(3)
    void rollbackBringsImageAndConfigBackAsANewRelease() {
        server.mayfly("rollback", "v1", "--app", APP).expectExit(0);
        assertThat(server.get(APP, "/").body()).isEqualTo("unset");
        assertThat(Json.items(server.json("releases", "--app", APP))
                        .getFirst()
                        .path("id")
                        .asText())
                .isEqualTo("v3");
    }

    @Test
    @Order(4)
    void logsShowWhatTheAppPrintsAndFollowIt() throws Exception {
        server.get(APP, "/first-line");
        Wait.until(
                "the line is in the log",
                Duration.ofSeconds(30),
                () -> server.mayfly("logs", "--app", APP).out().contains("asked for /first-line"));
        Path output = SharedServer.newFolder("logs").resolve("follow.txt");
        Process follow =
                server.signedIn().start(output, Server.ROOT.resolve("mayfly").toString(), "logs", "-f", "--app", APP);
        try {
            Wait.until(
                    "it follows",
                    Duration.ofSeconds(30),
                    () -> read(output).contains("/first-line"),
                    () -> read(output));
            server.get(APP, "/second-line");
            Wait.until(
                    "the new line arrives",
                    Duration.ofSeconds(30),
                    () -> read(output).contains("/second-line"),
                    () -> read(output));
        } finally {
            Shell.kill(follow);
            follow.waitFor();
        }
    }

    @Test
    @Order(5)
    void everyListSpeaksJsonWithNamesStatesAndApps() {
        JsonNode app = Json.items(server.json("apps")).stream()
                .filter(item -> item.path("name").asText().equals(APP))
                .findFirst()
                .orElseThrow();
        assertThat(app.path("url").asText()).contains(APP + ".local.localhost");
        assertThat(app.path("state").asText()).isEqualTo("live");
        server.get(APP, "/");
        assertThat(Json.items(server.json("ps", "--all"))).anySatisfy(instance -> {
            assertThat(instance.path("app").asText()).isEqualTo(APP);
            assertThat(instance.path("id").asText()).startsWith("ins_");
            assertThat(instance.path("state").asText()).isNotEmpty();
        });
    }

    @Test
    @Order(6)
    void exitCodesAreThoseOfTheReference() {
        assertThat(server.mayfly("apps", "info", "nosuchapp").exit()).isEqualTo(4);
        assertThat(server.mayfly("nosuchcommand").exit()).isEqualTo(2);
        assertThat(server.signedIn()
                        .with("MAYFLY_TOKEN", "mfp_wrong")
                        .run(Server.ROOT.resolve("mayfly").toString(), "apps")
                        .exit())
                .isEqualTo(3);
        assertThat(server.mayfly("apps", "create", APP).exit()).isEqualTo(5);
    }

    @Test
    @Order(7)
    void destroyAsksForTheNameAndLeavesNothing() {
        assertThat(server.mayfly("apps", "destroy", APP).exit())
                .as("no terminal, no --yes")
                .isNotZero();
        assertThat(server.get(APP, "/").statusCode()).isEqualTo(200);
        server.mayfly("apps", "destroy", APP, "--yes=" + APP).expectExit(0);
        assertThat(server.get(APP, "/").statusCode()).isEqualTo(404);
        assertThat(server.mayfly("apps", "info", APP).exit()).isEqualTo(4);
        assertThat(server.data.resolve("git/local/" + APP + ".git")).doesNotExist();
        assertThat(server.data.resolve("logs/local/" + APP)).doesNotExist();
    }

    @Test
    @Order(8)
    void completionIsAScriptTheShellAccepts() throws IOException {
        Path script = SharedServer.newFolder("completion").resolve("mayfly.bash");
        Files.writeString(
                script, server.mayfly("completion", "bash").expectExit(0).out());
        server.shell().run("bash", "-n", script.toString()).expectExit(0);
    }

    @Test
    @Order(9)
    void metricsCountWhatHappened() {
        String metrics = server.metrics();
        assertThat(metrics)
                .contains("mayfly_http_requests_total{")
                .containsPattern("mayfly_instance_births_total(\\{[^}]*\\})? [1-9]")
                .containsPattern("mayfly_instances\\{[^}]*state=")
                .containsPattern("mayfly_builds_total\\{[^}]*\\} [1-9]")
                .containsPattern("mayfly_pushes_total\\{[^}]*\\} [1-9]");
    }

    private static String read(Path file) {
        try {
            return Shell.text(file);
        } catch (IOException e) {
            return "";
        }
    }
}
