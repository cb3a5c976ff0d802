package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP API of a server. Everything that goes wrong becomes a {@link CliFailure} in plain words. */
final class Api {
    /** A change of configuration waits until the new release serves. */
    private static final Duration TIMEOUT = Duration.ofMinutes(11);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Credentials credentials;
    private final HttpClient client;

    Api(Credentials credentials) {
        this.credentials = credentials;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    Credentials credentials() {
        return credentials;
    }

    static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) {
        return json(text("GET", path, null));
    }

    String getText(String path) {
        return text("GET", path, null);
    }

    JsonNode post(String path, Map<String, ?> body) {
        return json(text("POST", path, body));
    }

    JsonNode patch(String path, Map<String, ?> body) {
        return json(text("PATCH", path, body));
    }

    void delete(String path) {
        text("DELETE", path, null);
    }

    /** Opens a stream of server-sent events. The caller closes it. */
    InputStream stream(String path, String lastEventId) {
        HttpRequest.Builder request = request(path).header("accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("last-event-id", lastEventId);
        }
        HttpResponse<InputStream> response = send(request.GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream in = response.body()) {
                throw failure(response.statusCode(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return response.body();
    }

    private String text(String method, String path, @Nullable Map<String, ?> body) {
        try {
            HttpRequest.Builder request = request(path).timeout(TIMEOUT);
            if (body == null) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                request.header("content-type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
            }
            HttpResponse<String> response = send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw failure(response.statusCode(), response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(credentials.url().replaceFirst("/$", "") + "/api/v1" + path))
                .header("authorization", "Bearer " + credentials.token());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client.send(request, handler);
        } catch (HttpTimeoutException e) {
            throw new CliFailure(
                    CliFailure.TIMEOUT,
                    "no answer from " + credentials.url() + " within " + TIMEOUT.toMinutes() + " minutes");
        } catch (IOException e) {
            throw new CliFailure(
                    CliFailure.FAILED,
                    "no answer from " + credentials.url() + ": " + reason(e) + " (is the server up? ./mayfly status)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFailure(CliFailure.FAILED, "interrupted");
        }
    }

    /** A refused connection has no message of its own. */
    private static String reason(IOException failure) {
        return failure instanceof ConnectException ? "nothing listens there" : String.valueOf(failure.getMessage());
    }

    private static JsonNode json(String text) {
        try {
            return text.isBlank() ? MissingNode.getInstance() : JSON.readTree(text);
        } catch (IOException e) {
            throw new CliFailure(CliFailure.FAILED, "the server's answer is not JSON: " + e.getMessage());
        }
    }

    private static CliFailure failure(int status, String body) {
        String message = "the server answered " + status;
        String name = "";
        try {
            JsonNode problem = JSON.readTree(body);
            if (problem.path("detail").isTextual()) {
                name = problem.path("code").asText();
                message = problem.path("detail").asText() + " [" + name + "]";
            }
        } catch (IOException e) {
            // Not one of Mayfly's problem documents: a proxy in between, perhaps.
        }
        return new CliFailure(exitCode(status, name), message);
    }

    /** What the code says of deploys, else what the status says. */
    private static int exitCode(int status, String code) {
        return switch (code) {
            case "build.timeout", "queue.timeout", "total.timeout", "request.timeout" -> CliFailure.TIMEOUT;
            case "build.cancelled" -> CliFailure.CANCELLED;
            case "release.command_failed" -> CliFailure.RELEASE_COMMAND_FAILED;
            case "release.unhealthy", "start.failed", "start.timeout" -> CliFailure.UNHEALTHY;
            case "quota.exceeded" -> CliFailure.QUOTA;
            default ->
                code.startsWith("build.")
                        ? CliFailure.BUILD_FAILED
                        : switch (status) {
                            case 401, 403 -> CliFailure.AUTHENTICATION;
                            case 404 -> CliFailure.NOT_FOUND;
                            case 409, 412 -> CliFailure.CONFLICT;
                            case 400 -> CliFailure.USAGE;
                            default -> CliFailure.FAILED;
                        };
        };
    }
}
