package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** kill -9 of the server: no acknowledged thing is lost, nothing half done stays, no orphan after a minute. */
@ExtendWith(SharedServer.class)
class CrashIT {
    private final Server shared = SharedServer.get();

    private Server server(String name) {
        return new Server(
                SharedServer.newFolder(name).resolve("data"),
                "--bare",
                "base.folder=" + shared.data.resolve("base"),
                "toolchains.folder=" + shared.data.resolve("toolchains"));
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
    void duringARequestTheCallerIsToldAndNoInstanceIsOrphaned() throws Exception {
        // Longer than the path of a socket may be.
        Server server = server("crash-request-" + "x".repeat(110)).up();
        try {
            WorkTree tree = WorkTree.empty(server, "slow")
                    .write("package.json", "{\"name\":\"slow\",\"scripts\":{\"start\":\"node server.js\"}}")
                    .write(
                            "server.js",
                            "require('http').createServer((q, s) => q.url === '/slow' ? setTimeout(() => s.end('late'), 60000) : s.end('ok')).listen(process.env.PORT)\n")
                    .commit("Start");
            tree.push().expectExit(0);
            assertThat(server.get("slow", "/").body()).isEqualTo("ok");
            String instance = Json.items(server.json("ps", "--app", "slow"))
                    .getFirst()
                    .path("id")
                    .asText();
            CompletableFuture<Object> call = CompletableFuture.supplyAsync(() -> server.get("slow", "/slow"));
            Wait.until(
                    "the request is in the instance",
                    Duration.ofSeconds(10),
                    () -> Json.items(server.json("ps", "--app", "slow"))
                                    .getFirst()
                                    .path("active")
                                    .asInt()
                            == 1);
            server.killNow();
            assertThat(call).failsWithin(Duration.ofSeconds(10));

            server.up();
            Wait.until(
                    "nothing of the orphan is left",
                    Duration.ofSeconds(60),
                    () -> HostTraces.of(server, instance).isEmpty(),
                    () -> HostTraces.of(server, instance).toString());
            assertThat(server.get("slow", "/").body()).isEqualTo("ok");
            assertThat(server.log()).doesNotContain("Runtime class does not open");
        } finally {
            server.down();
        }
    }

    private static String read(Path file) {
        try {
            return Shell.text(file);
        } catch (IOException e) {
            return "";
        }
    }
}
