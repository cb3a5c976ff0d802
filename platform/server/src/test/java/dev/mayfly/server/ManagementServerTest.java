package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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
        await("/readyz", 200);
    }

    @Test
    void namesWhatDoesNotWorkAndWhoseDoingItIs() throws Exception {
        server.ready();
        health.add(Part.STARTS, "networks", () -> Optional.of("the last network could not be made"));
        HttpResponse<String> answer = await("/readyz", 503, "could not be made");
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
        await("/readyz?parts=requests,starts", 200);
        await("/readyz?parts=requests,database", 503);
    }

    @Test
    void aCheckThatThrowsAnErrorIsAnAnswer() throws Exception {
        server.ready();
        health.add(Part.BUILDS, "disk", () -> {
            throw new OutOfMemoryError("of the test");
        });
        await("/readyz", 503, "OutOfMemoryError: of the test");
    }

    /** Also while there is no memory to say more. */
    @Test
    void whoAsksIsNeverLeftWaiting() throws Exception {
        server.ready();
        health.add(Part.BUILDS, "disk", () -> {
            throw new IllegalStateException() {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new OutOfMemoryError("of the test");
                }
            };
        });
        assertThatThrownBy(() -> get("/readyz"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(HttpTimeoutException.class);
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void aFolderThatCannotBeWrittenToIsATrouble(@TempDir Path folder) throws Exception {
        server.ready();
        Path file = Files.createFile(
                folder.resolve("file"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        health.add(Part.PUSHES, "good", Checks.writable(folder.resolve("git")));
        await("/readyz", 200);
        assertThat(folder.resolve("git")).isEmptyDirectory();
        health.add(Part.PUSHES, "repositories", Checks.writable(file));
        await("/readyz", 503, "pushes: repositories");
    }

    private HttpResponse<String> await(String path, int status) throws IOException, InterruptedException {
        return await(path, status, "");
    }

    /** What was asked a moment ago is told once more, and on a busy machine a check may have no answer in time. */
    private HttpResponse<String> await(String path, int status, String body) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        HttpResponse<String> answer = get(path);
        while ((answer.statusCode() != status || !answer.body().contains(body)) && System.nanoTime() < deadline) {
            Thread.sleep(20);
            answer = get(path);
        }
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(body);
        return answer;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
