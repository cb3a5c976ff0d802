package dev.mayfly.control.api;

import dev.mayfly.control.logs.LogLine;
import dev.mayfly.identity.Permission;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What runs: instances, logs, a request to try. */
final class RunApi {
    private static final int LINES = 100;
    private static final int SECONDS_MAX = 60;
    private static final int BODY_MAX = 256 * 1024;

    private final ApiParts parts;
    private final HttpClient client;

    RunApi(ApiParts parts, Vertx vertx) {
        this.parts = parts;
        this.client = vertx.createHttpClient();
    }

    Answer ofTenant(Caller caller) {
        String tenant = caller.tenant(Permission.READ).value();
        return Answer.list(parts.instances().list(each -> tenant.equals(each.get("tenant"))));
    }

    Answer ofApp(Caller caller) {
        AppRef ref = caller.app(Permission.READ);
        parts.apps().find(ref);
        return Answer.list(parts.instances()
                .list(each -> ref.tenant().value().equals(each.get("tenant"))
                        && ref.app().value().equals(each.get("app"))));
    }

    Answer logs(Caller caller) throws IOException {
        AppRef ref = caller.app(Permission.READ);
        parts.apps().find(ref);
        int lines = caller.query("lines").map(Integer::parseInt).orElse(LINES);
        List<Map<String, Object>> items = new ArrayList<>();
        for (LogLine each : parts.logs().tail(ref, lines)) {
            items.add(each.toMap());
        }
        return Answer.list(items);
    }

    /** The request goes through the gateway as anybody's would. */
    Answer test(Caller caller) throws InterruptedException {
        AppRef ref = caller.app(Permission.DEPLOY);
        parts.apps().find(ref);
        JsonObject wanted = caller.body();
        RequestOptions options = new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(parts.gatewayPort(), "127.0.0.1"))
                .setHost(parts.urls().host(ref))
                .setPort(parts.urls().port())
                .setMethod(HttpMethod.valueOf(wanted.getString("method")))
                .setURI(wanted.getString("path"))
                .setIdleTimeout(TimeUnit.SECONDS.toMillis(SECONDS_MAX));
        for (Map.Entry<String, Object> header : wanted.getJsonObject("headers", new JsonObject())) {
            options.putHeader(header.getKey(), String.valueOf(header.getValue()));
        }
        long begin = System.nanoTime();
        try {
            return client.request(options)
                    .compose(request -> request.send(Buffer.buffer(wanted.getString("body", ""))))
                    .compose(response -> response.body().map(body -> view(response, body, begin)))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new MayflyException(ErrorCode.INVALID_REQUEST, "the request could not be sent: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new MayflyException(ErrorCode.TOTAL_TIMEOUT, "no answer within " + SECONDS_MAX + " s", e);
        }
    }

    private static Answer view(HttpClientResponse response, Buffer body, long begin) {
        Map<String, Object> headers = new LinkedHashMap<>();
        response.headers().forEach((name, value) -> headers.merge(name, value, (one, more) -> one + ", " + more));
        boolean truncated = body.length() > BODY_MAX;
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("status", response.statusCode());
        view.put("headers", headers);
        view.put("body", new String(body.getBytes(0, Math.min(BODY_MAX, body.length())), StandardCharsets.UTF_8));
        view.put("durationMs", (System.nanoTime() - begin) / 1_000_000);
        Optional.ofNullable(response.getHeader("mayfly-start")).ifPresent(start -> view.put("start", start));
        Optional.ofNullable(response.getHeader("mayfly-instance")).ifPresent(id -> view.put("instance", id));
        view.put("truncated", truncated);
        return Answer.ok(view);
    }
}
