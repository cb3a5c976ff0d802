package dev.mayfly.control.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.mayfly.control.api.json.VersionJson;
import dev.mayfly.control.live.EventHub;
import dev.mayfly.control.live.EventStream;
import dev.mayfly.identity.Permission;
import dev.mayfly.identity.Principal;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Ids;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.problem.Problem;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.validation.ValidatedRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API's routes as its OpenAPI document has them: what does not fit the document never reaches a handler. Handlers block,
 * so each runs on a virtual thread.
 */
public final class ApiRouter {
    private static final Logger log = LoggerFactory.getLogger(ApiRouter.class);
    private static final int AT_ONCE_MAX = 500;
    private static final int RETRY_SECONDS = 5;

    private interface Operation {
        Answer answer(Caller caller) throws Exception;
    }

    private final Vertx vertx;
    private final ApiParts parts;
    private final Gate gate;
    private final String document;
    private final Semaphore places = new Semaphore(AT_ONCE_MAX);

    public ApiRouter(Vertx vertx, ApiParts parts) {
        this.vertx = vertx;
        this.parts = parts;
        this.gate = new Gate(parts.identity());
        this.document = document();
    }

    /** The OpenAPI document of this API. */
    static String document() {
        try (InputStream in = Objects.requireNonNull(ApiRouter.class.getResourceAsStream("/openapi.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the API's routes, below {@code /api/}. Not to be called on an event loop. */
    public void addTo(Router router) throws TimeoutException {
        SessionApi sessions = new SessionApi(parts, gate);
        AppApi apps = new AppApi(parts);
        BuildApi builds = new BuildApi(parts);
        RunApi runs = new RunApi(parts, vertx);
        RouterBuilder builder = RouterBuilder.create(vertx, contract(), RequestExtractor.withBodyHandler());
        builder.rootHandler(new BodyBudget(gate));
        builder.rootHandler(BodyHandler.create(false).setBodyLimit(BodyBudget.BYTES_MAX));
        route(builder, "createSession")
                .addHandler(context -> run(context, () -> sessions.signIn(context, body(context))));
        route(builder, "getVersion").addHandler(context -> run(context, this::version));
        route(builder, "streamEvents").addHandler(this::stream);
        Map<String, Operation> operations = Map.ofEntries(
                Map.entry("getSession", sessions::current),
                Map.entry("deleteSession", sessions::signOut),
                Map.entry("listTokens", sessions::tokens),
                Map.entry("createToken", sessions::createToken),
                Map.entry("deleteToken", sessions::revokeToken),
                Map.entry("listTenants", sessions::tenants),
                Map.entry("listApps", apps::list),
                Map.entry("createApp", apps::create),
                Map.entry("getApp", apps::get),
                Map.entry("deleteApp", apps::delete),
                Map.entry("listReleases", apps::releases),
                Map.entry("rollback", apps::rollback),
                Map.entry("getConfig", apps::config),
                Map.entry("changeConfig", apps::changeConfig),
                Map.entry("listBuilds", builds::list),
                Map.entry("getBuild", builds::get),
                Map.entry("getBuildLog", builds::log),
                Map.entry("cancelBuild", builds::cancel),
                Map.entry("listTenantInstances", runs::ofTenant),
                Map.entry("listInstances", runs::ofApp),
                Map.entry("listPools", runs::pools),
                Map.entry("getLogs", runs::logs),
                Map.entry("testRequest", runs::test));
        operations.forEach((id, operation) -> route(builder, id)
                .addHandler(context -> run(
                        context,
                        () -> operation.answer(new Caller(gate.enter(context.request()), context, body(context))))));
        router.get("/api/v1/openapi.yaml")
                .handler(context -> context.response()
                        .putHeader("content-type", "application/yaml")
                        .end(document));
        router.route("/*").subRouter(builder.createRouter());
        router.route("/api/*")
                .handler(context ->
                        refuse(context, new MayflyException(ErrorCode.NOT_FOUND, "there is no such resource")));
        for (int status : new int[] {400, 404, 405, 406, 413, 415, 500}) {
            router.errorHandler(
                    status,
                    context -> refuse(context, Faults.of(context.failure(), context.statusCode()), context.failure()));
        }
    }

    private static OpenAPIRoute route(RouterBuilder builder, String operation) {
        return Objects.requireNonNull(builder.getRoute(operation), operation);
    }

    private OpenAPIContract contract() throws TimeoutException {
        try {
            Map<?, ?> tree = new ObjectMapper(new YAMLFactory()).readValue(document, Map.class);
            @SuppressWarnings("unchecked") // Names of an object's members are text.
            JsonObject json = new JsonObject((Map<String, Object>) tree);
            // The router does not check answers, and does not know the media types of problem documents and events.
            JsonObject unchecked = new JsonObject().put("description", "anything");
            for (Map.Entry<String, Object> path : json.getJsonObject("paths")) {
                for (Map.Entry<String, Object> operation : (JsonObject) path.getValue()) {
                    ((JsonObject) operation.getValue()).put("responses", new JsonObject().put("default", unchecked));
                }
            }
            return OpenAPIContract.from(vertx, json).await(30, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer version() {
        return Answer.ok(new VersionJson(parts.version(), parts.commit()));
    }

    private void stream(RoutingContext context) {
        Context loop = vertx.getOrCreateContext();
        Thread.ofVirtual().name("api").start(() -> {
            try {
                Principal principal = gate.enter(context.request());
                Caller caller = new Caller(principal, context, new JsonObject());
                String tenant = caller.tenant(Permission.READ).value();
                Set<String> topics = Arrays.stream(
                                caller.query("topics").orElse("").split(",", -1))
                        .filter(topic -> !topic.isBlank())
                        .collect(Collectors.toSet());
                EventHub.Filter filter = new EventHub.Filter(tenant, caller.query("app"), topics);
                if (!EventStream.hasPlace(parts.events())) {
                    throw new MayflyException(ErrorCode.CAPACITY_EXHAUSTED, "too many follow already; try again later");
                }
                loop.runOnContext(_ -> EventStream.open(
                        vertx, parts.events(), filter, context.request(), () -> mayFollow(context, caller)));
            } catch (RuntimeException e) {
                refuse(context, e);
            }
        });
    }

    /** Whether who follows could begin to do so now: the token may be revoked, the session over, the role taken away. */
    private boolean mayFollow(RoutingContext context, Caller caller) {
        try {
            gate.enter(context.request()).require(caller.tenant(Permission.READ), Permission.READ);
            return true;
        } catch (MayflyException e) {
            return false;
        }
    }

    private interface Blocking {
        Answer answer() throws Exception;
    }

    private void run(RoutingContext context, Blocking blocking) {
        if (!places.tryAcquire()) {
            refuse(context, new MayflyException(ErrorCode.CAPACITY_EXHAUSTED, "too many requests at once; try again"));
            return;
        }
        Thread.ofVirtual().name("api").start(() -> {
            try {
                send(context, blocking.answer());
            } catch (Exception e) {
                refuse(context, e);
            } finally {
                places.release();
            }
        });
    }

    private void send(RoutingContext context, Answer answer) {
        Future<Void> sent = Future.failedFuture("not begun");
        try {
            HttpServerResponse response = context.response();
            answer.headers().forEach(response::putHeader);
            response.setStatusCode(answer.status())
                    .putHeader("cache-control", "no-store")
                    .putHeader("x-content-type-options", "nosniff");
            if (answer.file().isPresent()) {
                response.putHeader("content-type", "text/plain; charset=utf-8").setChunked(true);
                sent = vertx.fileSystem()
                        .open(
                                answer.file().get().toString(),
                                new OpenOptions().setWrite(false).setCreate(false))
                        .compose(file ->
                                file.pipe().endOnFailure(false).to(response).eventually(file::close))
                        .onFailure(e -> cutOff(context, e));
            } else {
                answer.json().ifPresent(_ -> response.putHeader("content-type", "application/json"));
                sent = response.end(answer.body());
            }
        } finally {
            sent.onComplete(_ -> answer.whenTaken().run());
        }
    }

    /** Half of a file must not look like all of it. */
    private static void cutOff(RoutingContext context, Throwable failure) {
        if (context.response().headWritten()) {
            context.request().connection().close();
        } else {
            refuse(context, failure);
        }
    }

    private static JsonObject body(RoutingContext context) {
        ValidatedRequest request = context.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST);
        if (request == null || request.getBody() == null || request.getBody().isEmpty()) {
            return new JsonObject();
        }
        return Objects.requireNonNullElseGet(request.getBody().getJsonObject(), JsonObject::new);
    }

    private static void refuse(RoutingContext context, Throwable failure) {
        refuse(context, Faults.of(failure), failure);
    }

    private static void refuse(RoutingContext context, Problem fault, @Nullable Throwable failure) {
        Problem problem = fault.withRequestId(Ids.request(Clock.systemUTC()));
        boolean passing = problem.code() == ErrorCode.STORE_UNAVAILABLE || problem.code() == ErrorCode.DISK_LOW;
        if (problem.status() >= 500 && !passing) { // What passes was logged once, where it was found.
            log.atError()
                    .addKeyValue("request", problem.requestId())
                    .setCause(failure)
                    .log("API request failed");
        }
        if (context.response().headWritten() || context.response().closed()) {
            return;
        }
        if (passing) {
            context.response().putHeader("retry-after", String.valueOf(RETRY_SECONDS));
        }
        context.response()
                .setStatusCode(problem.status())
                .putHeader("content-type", Problem.CONTENT_TYPE)
                .putHeader("cache-control", "no-store")
                .end(problem.toJson().encode());
    }
}
