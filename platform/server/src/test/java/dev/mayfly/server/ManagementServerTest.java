package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /readyz} says yes only while the server can do what it must, and else what it cannot. */
final class ManagementServerTest {
    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final Health health = new Health();
    private final ManagementServer server =
            ManagementServer.start(vertx, new ManagementConfig("127.0.0.1", 0), metrics, health);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() throws Exception {
        client.close();
        server.close();
        metrics.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void isNotReadyBeforeItHasStarted() throws Exception {
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        server.ready();
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void namesWhatDoesNotWorkAndWhoseDoingItIs() throws Exception {
        server.ready();
        health.add(Part.STARTS, "networks", () -> Optional.of("the last network could not be made"));
        HttpResponse<String> answer = get("/readyz");
        assertThat(answer.statusCode()).isEqualTo(503);
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getString("code")).isEqualTo("server.not_ready");
        assertThat(problem.getString("blame")).isEqualTo("platform");
        assertThat(problem.getJsonArray("troubles").getJsonObject(0).getMap())
                .containsEntry("part", "starts")
                .containsEntry("name", "networks")
                .containsEntry("what", "the last network could not be made");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void answersForSomePartsOnly() throws Exception {
        server.ready();
        health.add(Part.DATABASE, "query", () -> Optional.of("gone"));
        assertThat(get("/readyz?parts=requests,starts").statusCode()).isEqualTo(200);
        assertThat(get("/readyz?parts=requests,database").statusCode()).isEqualTo(503);
    }

    @Test
    void aCheckThatThrowsAnErrorIsAnAnswer() throws Exception {
        server.ready();
        health.add(Part.BUILDS, "disk", () -> {
            throw new OutOfMemoryError("of the test");
        });
        assertThat(get("/readyz").body()).contains("OutOfMemoryError: of the test");
    }

    @Test
    void aFolderThatCannotBeWrittenToIsATrouble(@TempDir Path folder) throws Exception {
        server.ready();
        Path file = Files.createFile(
                folder.resolve("file"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        health.add(Part.PUSHES, "good", Checks.writable(folder.resolve("git")));
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(folder.resolve("git")).isEmptyDirectory();
        health.add(Part.PUSHES, "repositories", Checks.writable(file));
        HttpResponse<String> answer = awaitNotReady();
        assertThat(answer.body()).contains("pushes: repositories");
    }

    private HttpResponse<String> awaitNotReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        HttpResponse<String> answer = get("/readyz");
        while (answer.statusCode() == 200 && System.nanoTime() < deadline) {
            Thread.sleep(20);
            answer = get("/readyz");
        }
        assertThat(answer.statusCode()).isEqualTo(503);
        return answer;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
