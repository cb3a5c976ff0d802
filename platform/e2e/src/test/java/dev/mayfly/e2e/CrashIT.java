package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** kill -9 of the server: no acknowledged thing is lost, nothing half done stays, no orphan after a minute. */
class CrashIT {
    private Server server(String name) {
        return new Server(SharedServer.newFolder(name).resolve("data"), "--bare");
    }

    @Test
    void duringAPushTheOldReleaseComesBackAndTheBuildIsMarkedFailed() throws Exception {
        Server server = server("crash-push").up();
        try {
            WorkTree tree = WorkTree.empty(server, "app");
            NewcomerIT.writeServer(tree.folder(), "'one'");
            tree.commit("One").push().expectExit(0);
            String acknowledged = tree.remoteHead();
            server.mayfly("config", "set", "KEPT=yes", "--app", "app").expectExit(0);
            tree.write(
                            "package.json",
                            "{\"name\":\"app\",\"scripts\":{\"build\":\"echo long build; sleep 120\",\"start\":\"node server.js\"}}")
                    .commit("Slow");
            Path output = tree.folder().resolveSibling("crash.out");
            Process push = tree.startPush(output);
            Wait.until(
                    "the build runs",
                    Duration.ofMinutes(2),
                    () -> read(output).contains("long build"),
                    () -> read(output));
            server.killNow();
            assertThat(push.waitFor()).isNotZero();

            server.up();
            assertThat(server.get("app", "/").body()).isEqualTo("one");
            assertThat(tree.remoteHead()).isEqualTo(acknowledged);
            assertThat(server.mayfly("config", "get", "KEPT", "--app", "app").line())
                    .isEqualTo("yes");
            List<JsonNode> builds = Json.items(server.json("builds", "--app", "app"));
            assertThat(builds).hasSize(2);
            assertThat(builds.getFirst().path("state").asText()).isEqualTo("failed");
            Wait.until(
                    "no process of the killed build is left",
                    Duration.ofSeconds(60),
                    () -> HostTraces.of(server, builds.getFirst().path("id").asText())
                            .isEmpty(),
                    () -> HostTraces.of(server, builds.getFirst().path("id").asText())
                            .toString());
        } finally {
            server.down();
        }
    }

    @Test
    void duringARequestTheCallerIsToldAndTheInstanceIsAdopted() throws Exception {
        // Longer than the path of a socket may be.
        Server server = server("crash-request-" + "x".repeat(110)).up();
        try {
            WorkTree web = WorkTree.empty(server, "slow")
                    .write("package.json", "{\"name\":\"slow\",\"scripts\":{\"start\":\"node server.js\"}}")
                    .write("server.js", """
                            const born = Math.random();
                            require('http').createServer((request, response) => {
                              console.log('asked for ' + request.url);
                              setTimeout(() => response.end('' + born), request.url === '/slow' ? 85000 : 0);
                            }).listen(process.env.PORT);
                            """)
                    .commit("Start");
            web.push().expectExit(0);
            WorkTree function = function(server, "counts", "");
            function(server, "counts-once", "isolation = \"request\"");
            String born = server.get("slow", "/").body();
            String counted = server.get("counts", "/").body();
            String countedOnce = server.get("counts-once", "/").body();
            String instance = idOf(server, "slow");
            String functions = idOf(server, "counts");
            CompletableFuture<Object> call = CompletableFuture.supplyAsync(() -> server.get("slow", "/slow"));
            Wait.until(
                    "the request is in the instance",
                    Duration.ofSeconds(30),
                    () -> Json.items(server.json("ps", "--app", "slow"))
                                    .getFirst()
                                    .path("active")
                                    .asInt()
                            == 1);
            List<String> once = idsOf(server, "counts-once");
            server.killNow();
            assertThat(call).failsWithin(Duration.ofSeconds(30));

            server.up();
            assertThat(server.get("slow", "/after").body())
                    .as("the same process")
                    .isEqualTo(born);
            assertThat(server.get("counts", "/").body()).as("the same process").isEqualTo(counted);
            assertThat(server.get("counts-once", "/").body()).isNotEqualTo(countedOnce);
            assertThat(idOf(server, "slow")).isEqualTo(instance);
            assertThat(idOf(server, "counts")).isEqualTo(functions);
            Wait.until(
                    "what it prints is in the log",
                    Duration.ofSeconds(30),
                    () -> web.mayfly("logs").out().contains("asked for /after"));
            assertThat(idsOf(server, "counts-once"))
                    .as("what serves one request is not adopted: it may have had it")
                    .doesNotContainAnyElementsOf(once);
            assertThat(server.log()).doesNotContain("Runtime class does not open");

            // An adopted one can be adopted again, and goes as any other.
            server.killNow();
            server.up();
            assertThat(server.get("slow", "/").body()).isEqualTo(born);
            function.mayfly("apps", "destroy", "counts", "--yes=counts").expectExit(0);
            web.mayfly("apps", "destroy", "slow", "--yes=slow").expectExit(0);
            assertThat(server.log()).doesNotContain("In quarantine");
        } finally {
            server.down();
        }
    }

    private static WorkTree function(Server server, String app, String isolation) throws IOException {
        WorkTree tree = WorkTree.empty(server, app)
                .write("main.py", """
                        import random
                        born = str(random.random())
                        def answer(request):
                            return born
                        """)
                .write("mayfly.toml", """
                        schema = 1
                        kind = "function"
                        %s
                        [function]
                        target = "answer"
                        """.formatted(isolation))
                .commit("Start");
        tree.push().expectExit(0);
        return tree;
    }

    private static String idOf(Server server, String app) {
        return idsOf(server, app).getFirst();
    }

    private static List<String> idsOf(Server server, String app) {
        return Json.items(server.json("ps", "--app", app)).stream()
                .map(each -> each.path("id").asText())
                .toList();
    }

    private static String read(Path file) {
        try {
            return Shell.text(file);
        } catch (IOException e) {
            return "";
        }
    }
}
