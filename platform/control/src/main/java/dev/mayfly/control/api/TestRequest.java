package dev.mayfly.control.api;

import dev.mayfly.control.api.json.TestAnswerJson;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Sends a person's request through the gateway and keeps the beginning of the answer, whatever the app sends. */
final class TestRequest {
    private static final Duration TIME_MAX = Duration.ofSeconds(30);
    private static final int BODY_BYTES_MAX = 1024 * 1024;
    private static final int AT_ONCE_MAX = 50;

    /** The client sets these itself; from outside they could make two requests of one, or lead to another app. */
    private static final Set<String> OURS =
            Set.of("host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect");

    private final HttpClient client;
    private final int gatewayPort;

    TestRequest(Vertx vertx, int gatewayPort) {
        this.client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(AT_ONCE_MAX));
        this.gatewayPort = gatewayPort;
    }

    /**
     * @param wanted method, path, headers, body
     * @return the answer, or a problem of this code: {@code TOTAL_TIMEOUT}, {@code INVALID_REQUEST}
     */
    Future<TestAnswerJson> send(String host, int port, JsonObject wanted) {
        RequestOptions options = new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(gatewayPort, "127.0.0.1"))
                .setHost(host)
                .setPort(port)
                .setMethod(method(wanted.getString("method")))
                .setURI(wanted.getString("path"))
                .setConnectTimeout(TIME_MAX.toMillis());
        for (Map.Entry<String, Object> header : wanted.getJsonObject("headers", new JsonObject())) {
            if (OURS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                throw new MayflyException(
                        ErrorCode.INVALID_REQUEST,
                        "headers: '" + header.getKey() + "' (expected: none that belongs to the connection)");
            }
            options.putHeader(header.getKey(), String.valueOf(header.getValue()));
        }
        long begin = System.nanoTime();
        return client.request(options)
                .compose(request -> answer(request, Buffer.buffer(wanted.getString("body", "")), begin)
                        .timeout(TIME_MAX.toSeconds(), TimeUnit.SECONDS)
                        // The connection goes with it, and with that the call in the app.
                        .onFailure(_ -> request.reset()));
    }

    private static HttpMethod method(String name) {
        if (name.equals("CONNECT") || name.equals("TRACE")) {
            throw new MayflyException(ErrorCode.INVALID_REQUEST, "method: '" + name + "' (expected: GET, POST, …)");
        }
        return HttpMethod.valueOf(name);
    }

    private static Future<TestAnswerJson> answer(HttpClientRequest request, Buffer body, long begin) {
        return request.send(body).compose(response -> beginning(response).map(kept -> view(response, kept, begin)));
    }

    /** The first MiB, and one byte more if there is more; the rest is not read. */
    private static Future<Buffer> beginning(HttpClientResponse response) {
        Promise<Buffer> kept = Promise.promise();
        Buffer buffer = Buffer.buffer();
        response.exceptionHandler(kept::tryFail)
                .endHandler(_ -> kept.tryComplete(buffer))
                .handler(part -> {
                    int room = BODY_BYTES_MAX + 1 - buffer.length();
                    buffer.appendBuffer(part, 0, Math.min(room, part.length()));
                    if (buffer.length() > BODY_BYTES_MAX && kept.tryComplete(buffer)) {
                        response.handler(_ -> {});
                        response.request().reset();
                    }
                });
        return kept.future();
    }

    private static TestAnswerJson view(HttpClientResponse response, Buffer body, long begin) {
        Map<String, String> headers = new LinkedHashMap<>();
        response.headers().forEach((name, value) -> headers.merge(name, value, (one, more) -> one + ", " + more));
        int kept = Math.min(BODY_BYTES_MAX, body.length());
        return new TestAnswerJson(
                response.statusCode(),
                headers,
                new String(body.getBytes(0, kept), StandardCharsets.UTF_8),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
                response.getHeader("mayfly-start"),
                response.getHeader("mayfly-instance"),
                body.length() > kept);
    }
}
