package dev.mayfly.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.control.ControlConfig;
import dev.mayfly.control.ControlServer;
import dev.mayfly.control.api.json.InstanceJson;
import dev.mayfly.control.deploy.Platform;
import dev.mayfly.control.git.GitConfig;
import dev.mayfly.control.git.GitHttp;
import dev.mayfly.control.git.Repositories;
import dev.mayfly.control.live.ClusterInstances;
import dev.mayfly.control.live.ClusterPools;
import dev.mayfly.control.live.EventHub;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.control.logs.AppLogs;
import dev.mayfly.control.logs.LogLine;
import dev.mayfly.identity.Identity;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.LifeStep;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.store.Role;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The API as its clients meet it: over HTTP, on a real database. */
@Timeout(60)
final class ApiIT {
    private static final String APPS = "/api/v1/tenants/local/apps";

    @TempDir
    Path data;

    private final Contract contract = new Contract();
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> started = new ArrayList<>();
    private Platform platform;
    private ControlServer server;
    private AppLogs logs;
    private HttpServer gateway;
    private String token;

    @BeforeEach
    void open() throws Exception {
        platform = started(new Platform(data));
        Identity identity = Identity.open(platform.store, data.resolve("secrets"), Clock.systemUTC());
        token = Files.readString(data.resolve("secrets/admin-token")).strip();
        // Stands where the gateway does; what it answers says what reached it.
        gateway = vertx.createHttpServer()
                .requestHandler(request -> {
                    if ("/endless".equals(request.path())) {
                        request.response().setChunked(true);
                        vertx.setPeriodic(
                                1,
                                timer -> request.response()
                                        .write("x".repeat(64 * 1024))
                                        .onFailure(_ -> vertx.cancelTimer(timer)));
                    } else {
                        request.body()
                                .onSuccess(body -> request.response()
                                        .putHeader("mayfly-instance", "ins_7")
                                        .end(request.method() + " " + request.getHeader("host") + " " + body));
                    }
                })
                .listen(0, "127.0.0.1")
                .await(10, TimeUnit.SECONDS);
        EventHub events = started(new EventHub(platform.events, Clock.systemUTC()));
        logs = started(new AppLogs(data.resolve("logs"), new Health()));
        ApiParts parts = new ApiParts(
                platform.store,
                identity,
                platform.apps,
                platform.deployer,
                started(new ClusterInstances(platform.cluster, platform.instances, platform.urls, new Health())),
                started(new ClusterPools(platform.cluster, platform.instances::pool, new Health())),
                events,
                logs,
                platform.urls,
                platform.builds,
                gateway.actualPort(),
                "http://localhost:9000",
                "1.2.3",
                "abc");
        GitHttp git = new GitHttp(
                vertx,
                started(new Repositories(data.resolve("git"), GitConfig.DEFAULTS)),
                platform.store,
                identity,
                platform.deployer,
                new SimpleMeterRegistry(),
                _ -> Optional.empty());
        server = started(ControlServer.start(vertx, new ControlConfig("127.0.0.1", 0, Optional.empty()), parts, git));
    }

    private <T extends AutoCloseable> T started(T part) {
        started.add(part);
        return part;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : started.reversed()) {
            part.close();
        }
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void nobodyComesInWithoutATokenAndForeignTenantsDoNotExist() throws Exception {
        HttpRequest.Builder anonymous = HttpRequest.newBuilder(uri(APPS));
        assertProblem(send(anonymous), 401, "auth.required");
        platform.store.tenants().create(new TenantName("other"));
        platform.store.apps().create(AppRef.of("other", "theirs"));
        assertProblem(get("/api/v1/tenants/other/apps/theirs"), 404, "not_found");
        assertProblem(get("/api/v1/tenants/nosuch/apps/theirs"), 404, "not_found");
        assertProblem(get("/api/v1/tenants/other/stream"), 404, "not_found");
    }

    @Test
    void aStoreThatIsAwayIsThePlatformsFaultAndToBeAskedAgain() throws Exception {
        platform.store.close();
        HttpResponse<String> answer = get(APPS);
        assertProblem(answer, 503, "store.unavailable");
        assertThat(answer.headers().firstValue("retry-after")).contains("5");
        assertThat(new JsonObject(answer.body()).getString("blame")).isEqualTo("platform");
    }

    @Test
    void aSessionNeedsItsTextOnChangesAndEndsBySigningOut() throws Exception {
        String password =
                Files.readString(data.resolve("secrets/admin-password")).strip();
        HttpResponse<String> signedIn = send(HttpRequest.newBuilder(uri("/api/v1/session"))
                .header("content-type", "application/json")
                .POST(body(new JsonObject().put("name", "admin").put("password", password))));
        assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(200);
        String setCookie = signedIn.headers().firstValue("set-cookie").orElseThrow();
        assertThat(setCookie).containsIgnoringCase("HttpOnly").contains("SameSite=Strict");
        String cookie = setCookie.substring(0, setCookie.indexOf(';'));
        String csrf = new JsonObject(signedIn.body()).getString("csrf");
        HttpRequest.Builder create = HttpRequest.newBuilder(uri(APPS))
                .header("content-type", "application/json")
                .header("cookie", cookie)
                .POST(body(new JsonObject().put("name", "shop")));
        assertProblem(send(create), 403, "auth.forbidden");
        assertThat(send(create.header("x-mayfly-csrf", csrf)).statusCode()).isEqualTo(201);
        HttpRequest.Builder out = HttpRequest.newBuilder(uri("/api/v1/session"))
                .header("cookie", cookie)
                .header("x-mayfly-csrf", csrf)
                .DELETE();
        assertThat(send(out).statusCode()).isEqualTo(204);
        assertProblem(send(HttpRequest.newBuilder(uri(APPS)).header("cookie", cookie)), 401, "auth.required");
    }

    @Test
    void whatDoesNotFitTheContractIsRefusedWithThePlaceOfTheFault() throws Exception {
        HttpResponse<String> answer = post(APPS, new JsonObject().put("name", "Not A Label"));
        assertProblem(answer, 400, "request.invalid");
        assertThat(new JsonObject(answer.body()).getJsonArray("errors"))
                .anySatisfy(error ->
                        assertThat(((JsonObject) error).getString("pointer")).isEqualTo("/name"));
        assertThat(detail(answer)).isEqualTo("name: String does not match pattern");
        HttpResponse<String> unknown =
                post(APPS, new JsonObject().put("name", "shop").put("colour", "red"));
        assertProblem(unknown, 400, "request.invalid");
        assertThat(detail(unknown)).isEqualTo("colour: is not known here");
        HttpResponse<String> lines = get(APPS + "/shop/logs?lines=99999");
        assertProblem(lines, 400, "request.invalid");
        assertThat(detail(lines)).startsWith("lines: ").contains("99999", "1500");
        assertProblem(get("/api/v1/nothing"), 404, "not_found");
        HttpResponse<String> large = post(APPS, new JsonObject().put("name", "x".repeat(3 * 1024 * 1024)));
        assertProblem(large, 413, "request.too_large");
        assertThat(platform.store.apps().list(new TenantName("local"))).isEmpty();
    }

    @Test
    void bodiesThatNeverEndTakeABoundedShareOfTheHeap() throws Exception {
        List<Socket> open = new ArrayList<>();
        JsonObject large = new JsonObject().put("name", "x".repeat((int) BodyBudget.SMALL_BYTES_MAX));
        try {
            HttpResponse<String> refused = until(
                    () -> {
                        open.add(endless("Authorization: Bearer " + token + "\r\n"));
                        return post(APPS, large);
                    },
                    answer -> answer.statusCode() == 503);
            assertProblem(refused, 503, "capacity.exhausted");
            assertThat(get(APPS).statusCode()).as("what has no body").isEqualTo(200);
            assertThat(post(APPS, new JsonObject().put("name", "shop")).statusCode())
                    .as("a small one")
                    .isEqualTo(201);
            for (Socket each : open) {
                each.close();
            }
            until(() -> post(APPS, large), answer -> answer.statusCode() == 400);
        } finally {
            for (Socket each : open) {
                each.close();
            }
        }
    }

    @Test
    void strangersTakeNothingOfTheRoomForBodies() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = endless("Authorization: Bearer none\r\n")) {
                socket.setSoTimeout(30_000);
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 401 ");
            }
        }
        JsonObject large = new JsonObject().put("name", "x".repeat((int) BodyBudget.SMALL_BYTES_MAX));
        assertThat(post(APPS, large).statusCode()).isEqualTo(400);
    }

    private static Stream<String> openFiles() {
        List<String> files = new ArrayList<>();
        for (File each : Objects.requireNonNull(new File("/proc/self/fd").listFiles())) {
            try {
                files.add(Files.readSymbolicLink(each.toPath()).toString());
            } catch (IOException e) { // It was closed meanwhile.
            }
        }
        return files.stream();
    }

    private Socket endless(String credentials) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream()
                .write(("POST " + APPS + " HTTP/1.1\r\nHost: x\r\n" + credentials
                                + "Content-Type: application/json\r\nContent-Length: " + BodyBudget.BYTES_MAX
                                + "\r\n\r\n{")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static HttpResponse<String> until(Callable<HttpResponse<String>> ask, Predicate<HttpResponse<String>> holds)
            throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        HttpResponse<String> answer = ask.call();
        while (!holds.test(answer)) {
            assertThat(System.nanoTime())
                    .as(answer.statusCode() + " " + answer.body())
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
            answer = ask.call();
        }
        return answer;
    }

    @Test
    void anAppGoesFromNothingToLiveThroughConfigAndRollbackToGone() throws Exception {
        JsonObject made = json(post(APPS, new JsonObject().put("name", "shop")), 201);
        assertThat(made.getString("state")).isEqualTo("empty");
        assertThat(made.getString("gitUrl")).isEqualTo("http://localhost:9000/git/local/shop.git");
        assertProblem(post(APPS, new JsonObject().put("name", "shop")), 409, "conflict");
        AppRef app = AppRef.of("local", "shop");
        platform.deploy(app, "c1");
        assertThat(json(get(APPS + "/shop"), 200).getString("state")).isEqualTo("live");

        HttpRequest.Builder change = request(APPS + "/shop/config")
                .method("PATCH", body(new JsonObject().put("set", new JsonObject().put("A", "1"))));
        JsonObject changed = json(send(change), 200);
        assertThat(changed.getJsonObject("release").getString("id")).isEqualTo("v2");
        assertThat(json(get(APPS + "/shop/config"), 200).getJsonObject("values").getMap())
                .isEqualTo(Map.of("A", "1"));
        HttpRequest.Builder stale = request(APPS + "/shop/config")
                .header("if-match", "\"0\"")
                .method("PATCH", body(new JsonObject().put("set", new JsonObject().put("A", "2"))));
        assertProblem(send(stale), 412, "precondition.failed");

        JsonObject back = json(post(APPS + "/shop/rollback", new JsonObject().put("version", 1)), 201);
        assertThat(back.getString("id")).isEqualTo("v3");
        String build = platform.newestBuild(app).id();
        assertThat(get(APPS + "/shop/builds/" + build + "/log").body()).contains("-----> Released v1");
        Platform.await("the log is closed again", () -> openFiles().noneMatch(file -> file.endsWith(build + ".log")));
        assertProblem(post(APPS + "/shop/builds/" + build + "/cancel", new JsonObject()), 409, "conflict");
        assertProblem(send(request(APPS + "/shop").DELETE()), 400, "request.invalid");
        assertThat(send(request(APPS + "/shop?confirm=shop").DELETE()).statusCode())
                .isEqualTo(204);
        assertProblem(get(APPS + "/shop"), 404, "app.not_found");
    }

    @Test
    void everyOperationAnswersInTheShapeOfTheDocument() throws Exception {
        get("/api/v1/version");
        get("/api/v1/session");
        get("/api/v1/tenants");
        get("/api/v1/pool");
        JsonObject token =
                json(post("/api/v1/tokens", new JsonObject().put("name", "ci").put("expiresInDays", 3)), 201);
        get("/api/v1/tokens");
        send(request("/api/v1/tokens/" + token.getString("id")).DELETE());
        post("/api/v1/session", new JsonObject().put("token", this.token));
        post(APPS, new JsonObject().put("name", "shop"));
        get(APPS);
        AppRef app = AppRef.of("local", "shop");
        try (BufferedReader stream = stream("", Optional.empty())) {
            CountDownLatch runs = new CountDownLatch(1);
            platform.engine.holdNext(runs, new CountDownLatch(1));
            Platform.Deploying deploying = platform.start(app, "c0");
            runs.await();
            assertThat(json(get(APPS + "/shop"), 200).getString("state")).isEqualTo("building");
            String build = platform.newestBuild(app).id();
            assertThat(post(APPS + "/shop/builds/" + build + "/cancel", new JsonObject())
                            .statusCode())
                    .isEqualTo(202);
            deploying.thread().join();
            platform.deploy(app, "c1");
            platform.deploy(app, "c2");
            get(APPS + "/shop/builds");
            get(APPS + "/shop/builds/" + build);
            get(APPS + "/shop/builds/" + build + "/log");
            get(APPS);
            get(APPS + "/shop");
            get(APPS + "/shop/config");
            send(request(APPS + "/shop/config")
                    .method("PATCH", body(new JsonObject().put("set", new JsonObject().put("A", "1")))));
            post(APPS + "/shop/rollback", new JsonObject());
            get(APPS + "/shop/releases");
            LogLine line = new LogLine(Instant.now(), "app", "ins_1", "stdout", "hello");
            platform.events.publish(app, new LiveEvent.LogLinePrinted(line));
            logs.append(app, line);
            until(() -> get(APPS + "/shop/logs"), answer -> answer.body().contains("hello"));
            platform.events.publish(
                    app, new LiveEvent.InstanceChanged(InstanceJson.of(instance(app), platform.urls.url(app))));
            platform.events.publish(Identity.FIRST_TENANT, new LiveEvent.SandboxSwept("one", "runc", 2, null));
            platform.events.publish(Identity.FIRST_TENANT, new LiveEvent.SandboxQuarantined("one", "runc", 2, "ins_1"));
            platform.instances.shown = List.of(instance(app));
            get(APPS + "/shop/instances");
            get("/api/v1/tenants/local/instances");
            post(
                    APPS + "/shop/test-request",
                    new JsonObject().put("method", "GET").put("path", "/"));
            send(request(APPS + "/shop?confirm=shop").DELETE());
            for (String read = stream.readLine(); ; read = stream.readLine()) {
                if (read.startsWith("data: ")) {
                    contract.checkEvent(new JsonObject(read.substring(6)));
                }
                if (read.equals("event: app.destroyed")) {
                    break;
                }
            }
        }
        send(request("/api/v1/session").DELETE());
        assertThat(contract.unseen()).as("operations without an answer").isEmpty();
    }

    @Test
    void instancesShowHowTheyLived() throws Exception {
        AppRef app = platform.app("shop");
        Instant born = Instant.parse("2026-01-01T12:00:00Z");
        InstanceView bound = instance(app);
        List<InstanceView> dead = IntStream.range(0, 40)
                .mapToObj(second -> new InstanceView(
                        "dead_" + second,
                        new ReleaseRef(app, 1),
                        "one",
                        "native",
                        InstanceState.REAPED,
                        0,
                        1,
                        born,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(born.plusSeconds(second)),
                        Optional.of(DeathReason.IDLE),
                        Optional.empty(),
                        List.of(new LifeStep(LifeStage.STARTING, born))))
                .toList();
        List<InstanceView> all = new ArrayList<>(dead);
        all.add(bound);
        platform.instances.shown = all;
        JsonArray shown = json(get(APPS + "/shop/instances"), 200).getJsonArray("items");
        assertThat(shown).hasSize(31);
        JsonObject first = shown.getJsonObject(0);
        assertThat(first.getString("state")).isEqualTo("frozen");
        assertThat(first.getString("boundAt")).isEqualTo("2026-01-01T12:00:09Z");
        assertThat(first.getJsonArray("life").encode())
                .isEqualTo("[{\"stage\":\"starting\",\"since\":\"2026-01-01T12:00:00Z\"},"
                        + "{\"stage\":\"generic\",\"since\":\"2026-01-01T12:00:01Z\"},"
                        + "{\"stage\":\"bound\",\"since\":\"2026-01-01T12:00:09Z\"}]");
        assertThat(shown.getJsonObject(1).getString("id")).as("the last dead").isEqualTo("dead_39");
        assertThat(json(get(APPS + "/shop/instances?dead=100"), 200).getJsonArray("items"))
                .hasSize(41);
        assertThat(json(get("/api/v1/tenants/local/instances?dead=0"), 200).getJsonArray("items"))
                .hasSize(1);
        HttpResponse<String> tooMany = get(APPS + "/shop/instances?dead=101");
        assertProblem(tooMany, 400, "request.invalid");
        assertThat(detail(tooMany)).startsWith("dead: ").contains("101", "100");
    }

    @Test
    void thePoolIsForWhoRunsTheInstallation() throws Exception {
        JsonObject pool = json(get("/api/v1/pool"), 200).getJsonArray("items").getJsonObject(0);
        assertThat(pool.getString("server")).isEqualTo("one");
        assertThat(pool.getJsonObject("instances").getInteger("ready")).isEqualTo(2);
        assertThat(pool.getJsonObject("instances").getInteger("frozen")).isZero();
        assertThat(pool.getJsonArray("generics").getJsonObject(0).getString("kind"))
                .isEqualTo("node-24");
        assertThat(pool.getJsonArray("generics").getJsonObject(0).getInteger("target"))
                .isEqualTo(3);
        assertThat(pool.getJsonObject("claims").getInteger("pool")).isEqualTo(11);
        assertThat(pool.getJsonObject("caps").getInteger("memoryMib")).isEqualTo(1_000);
        assertThat(pool.containsKey("memoryFreeMib")).isTrue();
        assertThat(json(get("/api/v1/session"), 200).getBoolean("operator")).isTrue();
        platform.store.tenants().setRole(Identity.FIRST_TENANT, "admin", Role.DEVELOPER);
        assertProblem(get("/api/v1/pool"), 403, "auth.forbidden");
        assertThat(json(get("/api/v1/session"), 200).getBoolean("operator")).isFalse();
    }

    @Test
    void theStreamTellsWhatHappensAndWhatWasMissed() throws Exception {
        AppRef app = platform.app("shop");
        String last;
        try (BufferedReader stream = stream("build,release", Optional.empty())) {
            platform.deploy(app, "c1");
            last = readUntil(stream, "event: release.live");
        }
        platform.deploy(app, "c2");
        try (BufferedReader stream = stream("build,release", Optional.of(last))) {
            List<String> types = new ArrayList<>();
            for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                if (line.startsWith("event: ")) {
                    types.add(line.substring(7));
                } else if (line.startsWith("data: ")) {
                    contract.checkEvent(new JsonObject(line.substring(6)));
                }
                if (line.equals("event: build.ended") && types.contains("release.live")) {
                    break;
                }
            }
            assertThat(types).contains("build.queued", "build.started", "build.line", "release.created");
            assertThat(types)
                    .doesNotContain("gap")
                    .filteredOn("release.live"::equals)
                    .hasSize(1);
        }
        try (BufferedReader stream = stream("build", Optional.of("another-server-5"))) {
            readUntil(stream, "event: gap");
        }
    }

    @Test
    void aTestRequestGoesThroughTheGatewayAndKeepsOnlyTheBeginningOfAnEndlessAnswer() throws Exception {
        platform.app("shop");
        String path = APPS + "/shop/test-request";
        JsonObject answer = json(
                post(
                        path,
                        new JsonObject().put("method", "POST").put("path", "/").put("body", "hi")),
                200);
        assertThat(answer.getString("body")).isEqualTo("POST shop.local.localhost:8080 hi");
        assertThat(answer.getString("instance")).isEqualTo("ins_7");
        assertThat(answer.getBoolean("truncated")).isFalse();
        JsonObject endless =
                json(post(path, new JsonObject().put("method", "GET").put("path", "/endless")), 200);
        assertThat(endless.getString("body")).hasSize(1024 * 1024);
        assertThat(endless.getBoolean("truncated")).isTrue();
        JsonObject elsewhere = new JsonObject()
                .put("method", "GET")
                .put("path", "/")
                .put("headers", new JsonObject().put("Host", "theirs.other.localhost"));
        assertProblem(post(path, elsewhere), 400, "request.invalid");
    }

    private static InstanceView instance(AppRef app) {
        Instant born = Instant.parse("2026-01-01T12:00:00Z");
        return new InstanceView(
                "ins_1",
                new ReleaseRef(app, 1),
                "one",
                "native",
                InstanceState.FROZEN,
                0,
                3,
                born,
                Optional.of(born.plusSeconds(9)),
                Optional.of(born.plusSeconds(10)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(
                        new LifeStep(LifeStage.STARTING, born),
                        new LifeStep(LifeStage.GENERIC, born.plusSeconds(1)),
                        new LifeStep(LifeStage.BOUND, born.plusSeconds(9))));
    }

    /** The last id read before the line, which is part of an event. */
    private static String readUntil(BufferedReader stream, String wanted) throws Exception {
        String id = "";
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            }
            if (line.equals(wanted)) {
                return id;
            }
        }
        throw new AssertionError("the stream ended before: " + wanted);
    }

    /** Follows from the moment this returns. */
    private BufferedReader stream(String topics, Optional<String> lastSeen) throws Exception {
        HttpRequest.Builder follow = request("/api/v1/tenants/local/stream?topics=" + topics);
        lastSeen.ifPresent(id -> follow.header("last-event-id", id));
        HttpResponse<InputStream> response = client.send(follow.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    private HttpResponse<String> post(String path, JsonObject json) throws Exception {
        return send(request(path).POST(body(json)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(40))
                .header("content-type", "application/json")
                .header("authorization", "Bearer " + token);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return checked(client.send(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    /** Every answer that a test gets fits the API's document. */
    private HttpResponse<String> checked(HttpResponse<String> answer) {
        contract.check(answer);
        return answer;
    }

    private static HttpRequest.BodyPublisher body(JsonObject json) {
        return HttpRequest.BodyPublishers.ofString(json.encode());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private static JsonObject json(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return new JsonObject(answer.body());
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("requestId")).startsWith("req_");
    }

    private static String detail(HttpResponse<String> problem) {
        return new JsonObject(problem.body()).getString("detail");
    }
}
