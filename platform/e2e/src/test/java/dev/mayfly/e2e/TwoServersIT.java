package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Two servers on one PostgreSQL that know each other by Hazelcast show each other's builds and instances. */
class TwoServersIT {
    @Test
    void eachShowsTheOthersBuildsAndInstancesLive() throws Exception {
        int clusterOne = freePort();
        int clusterTwo = freePort();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
                Server one =
                        member("one", postgres, clusterOne, clusterTwo, null).up();
                Server two =
                        member("two", postgres, clusterTwo, clusterOne, one).up()) {
            WorkTree tree = WorkTree.empty(one, "both");
            NewcomerIT.writeServer(tree.folder(), "'both'");
            tree.commit("Start");

            // Somebody looks at the second server's stream while the push goes to the first.
            Path stream = SharedServer.newFolder("stream").resolve("events.txt");
            Process watcher = two.shell()
                    .start(
                            stream,
                            "curl",
                            "-sN",
                            "-H",
                            "Authorization: Bearer " + two.token(),
                            two.controlUrl() + "/api/v1/tenants/local/stream?topics=build,instance,release");
            try {
                tree.push().expectExit(0);
                Wait.until(
                        "the second server tells of the first one's build and instance",
                        Duration.ofSeconds(30),
                        () -> read(stream).contains("event: build.line")
                                && read(stream).contains("event: instance.changed")
                                && read(stream).contains("event: release.live"),
                        () -> read(stream));
            } finally {
                Shell.kill(watcher);
                watcher.waitFor();
            }
            assertThat(Json.items(two.json("builds", "--app", "both"))).hasSize(1);
            Wait.until(
                    "the second server shows the instance",
                    Duration.ofSeconds(30),
                    () -> !Json.items(two.json("ps", "--app", "both")).isEmpty());
            assertThat(Json.items(two.json("ps", "--app", "both")))
                    .isNotEmpty()
                    .allSatisfy(instance -> assertThat(
                                    instance.path("life").path(0).path("stage").asText())
                            .isEqualTo("starting"));
            Wait.until(
                    "the second server shows the pools of both",
                    Duration.ofSeconds(30),
                    () -> Json.items(two.json("pool")).size() == 2);
            Wait.until(
                    "the second server routes to the app too",
                    Duration.ofSeconds(30),
                    () -> two.api("/api/v1/tenants/local/apps/both").body().contains("\"live\""));
        }
    }

    /** Each must know the other's before it starts. Below what the kernel takes ports of connections from. */
    private static int freePort() throws IOException {
        for (int port = ThreadLocalRandom.current().nextInt(10_000, 30_000); ; port++) {
            try (ServerSocket _ = new ServerSocket(port)) {
                return port;
            } catch (BindException e) {
                // Somebody else's.
            }
        }
    }

    private Server member(
            String name,
            EmbeddedPostgres postgres,
            int port,
            int otherPort,
            @org.jspecify.annotations.Nullable Server sameSecrets)
            throws Exception {
        Path data = SharedServer.newFolder(name).resolve("data");
        if (sameSecrets != null) {
            // Members of one installation share its secrets: the configuration's key above all.
            Files.createDirectories(data.resolve("secrets"));
            try (var files = Files.list(sameSecrets.data.resolve("secrets"))) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            data.resolve("secrets").resolve(file.getFileName()),
                            java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return new Server(
                data,
                "--bare",
                "store.url=" + postgres.getJdbcUrl("postgres", "postgres"),
                "store.user=postgres",
                "cluster.port=" + port,
                "cluster.members=127.0.0.1:" + otherPort);
    }

    private static String read(Path file) {
        try {
            return Shell.text(file);
        } catch (IOException e) {
            return "";
        }
    }
}
