package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands against a small HTTP server that answers what each test says. */
final class MainTest {
    private record Canned(int status, String body) {}

    @TempDir
    Path folder;

    private final Map<String, Canned> answers = new ConcurrentHashMap<>();
    private final Map<String, String> bodies = new ConcurrentHashMap<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @SuppressWarnings("NullAway.Init")
    private HttpServer server;

    @SuppressWarnings("NullAway.Init")
    private Map<String, String> environment;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String key = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            bodies.put(key, new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            Canned canned =
                    answers.getOrDefault(key, new Canned(404, "{\"detail\":\"no " + key + "\",\"code\":\"x\"}"));
            byte[] body = canned.body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(canned.status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        environment = new HashMap<>(Map.of(
                "MAYFLY_URL",
                url(),
                "MAYFLY_TOKEN",
                "mfp_test",
                "XDG_CONFIG_HOME",
                folder.resolve("config").toString()));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"400, 2", "401, 3", "403, 3", "404, 4", "409, 5", "412, 5", "422, 1", "500, 1", "503, 1"})
    void exitCodesFollowTheServersAnswer(int status, int code) {
        answers.put(
                "GET /api/v1/tenants/local/apps/x", new Canned(status, "{\"detail\":\"why not\",\"code\":\"a.b\"}"));
        assertThat(run("apps", "info", "x")).isEqualTo(code);
        assertThat(err.toString()).isEqualTo("mayfly: why not [a.b]\n");
    }

    @Test
    void aNounAloneListsAndJsonIsForPrograms() {
        answers.put(
                "GET /api/v1/tenants/local/apps",
                new Canned(
                        200,
                        "{\"items\":[{\"name\":\"a\",\"state\":\"live\",\"release\":3,\"instances\":0,\"url\":\"u\"}]}"));
        assertThat(run("apps")).isZero();
        assertThat(out.toString())
                .isEqualTo("NAME  STATE  RELEASE  INSTANCES  URL\na     live   3        0          u\n");
        out.getBuffer().setLength(0);
        assertThat(run("apps", "-o", "json")).isZero();
        assertThat(out.toString()).contains("\"name\" : \"a\"");
    }

    @Test
    void thePoolIsShownByServerAndByKind() throws IOException {
        answers.put("GET /api/v1/pool", new Canned(200, """
                        {"items":[{"server":"one","instances":{"starting":1,"ready":3,"frozen":2,"draining":0},
                        "generics":[{"kind":"node-24","ready":4,"starting":1,"target":5,"refillMs":80,"claims":9,"misses":2}],
                        "starts":2,"waiting":6,"claims":{"warm":7,"cold":8},"misses":10,"memoryMib":700,
                        "caps":{"instances":200,"starts":8,"waiting":1000,"memoryMib":8000}}]}"""));
        assertThat(run("pool")).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("""
                        SERVER  INSTANCES  READY  FROZEN  GENERIC  STARTS  WAITING  MEMORY        MISSES  CLAIMS
                        one     11/200     3      2       5        2/8     6/1000   700/8000 MiB  10      warm=7 cold=8

                        SERVER  KIND     READY  STARTING  TARGET  REFILL MS  CLAIMS  MISSES
                        one     node-24  4      1         5       80         9       2
                        """);
        out.getBuffer().setLength(0);
        assertThat(run("pool", "list", "-o", "json")).isZero();
        assertThat(new ObjectMapper()
                        .readTree(out.toString())
                        .path(0)
                        .path("generics")
                        .path(0)
                        .path("target")
                        .asInt())
                .isEqualTo(5);
    }

    @Test
    void whoMayNotSeeThePoolIsToldSo() {
        answers.put("GET /api/v1/pool", new Canned(403, "{\"detail\":\"for admins\",\"code\":\"auth.forbidden\"}"));
        assertThat(run("pool")).isEqualTo(3);
        assertThat(err.toString()).isEqualTo("mayfly: for admins [auth.forbidden]\n");
    }

    @Test
    void theCompletionKnowsThePool() {
        assertThat(run("completion", "bash")).isZero();
        assertThat(out.toString()).contains("_picocli_mayfly_pool");
    }

    @ParameterizedTest
    @CsvSource({
        "build.failed, 20",
        "build.no_buildpack, 20",
        "release.command_failed, 21",
        "release.unhealthy, 22",
        "start.timeout, 22",
        "build.cancelled, 23",
        "build.timeout, 124",
        "quota.exceeded, 6"
    })
    void whatBecameOfADeployHasExitCodesOfItsOwn(String problem, int code) {
        answers.put(
                "POST /api/v1/tenants/local/apps/x/rollback",
                new Canned(422, "{\"detail\":\"why not\",\"code\":\"" + problem + "\"}"));
        assertThat(run("rollback", "v1", "--app", "x")).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"apps list", "apps ls", "app", "app list", "apps:list"})
    void aListHasTheNamesThatFingersAreUsedTo(String command) {
        answers.put("GET /api/v1/tenants/local/apps", new Canned(200, "{\"items\":[]}"));
        assertThat(run(command.split(" "))).as(err.toString()).isZero();
    }

    @Test
    void everyCommandSpeaksJsonAndKnowsHelp() throws IOException {
        String app = "/api/v1/tenants/local/apps/a";
        answers.put("GET " + app + "/config", new Canned(200, "{\"values\":{\"K\":\"v\"}}"));
        answers.put("GET " + app + "/builds/b/log", new Canned(200, "line\n"));
        answers.put("POST " + app + "/builds/b/cancel", new Canned(202, ""));
        answers.put("GET " + app, new Canned(200, "{\"name\":\"a\",\"url\":\"u\"}"));
        answers.put("DELETE " + app + "?confirm=a", new Canned(204, ""));
        answers.put("DELETE /api/v1/tokens/t", new Canned(204, ""));
        for (String command : List.of(
                "config get K --app a",
                "builds logs b --app a",
                "builds cancel b --app a",
                "open --app a",
                "apps destroy a --yes=a",
                "tokens revoke t",
                "logout")) {
            out.getBuffer().setLength(0);
            assertThat(run((command + " -o json").split(" "))).as(command + err).isZero();
            assertThat(new ObjectMapper().readTree(out.toString()).isObject())
                    .as(command + ": " + out)
                    .isTrue();
        }
        assertThat(run("apps", "-o", "yaml")).as("a format that is none").isEqualTo(2);
        assertThat(run("config", "set", "--help")).isZero();
    }

    @Test
    void aNameThatIsNoneIsRefusedWithWhatWasExpected() {
        assertThat(run("apps", "create", "Bad_Name")).isEqualTo(2);
        assertThat(err.toString()).contains("'Bad_Name' (expected: ");
    }

    @Test
    void colonsAreSpaces() {
        answers.put("PATCH /api/v1/tenants/local/apps/a/config", new Canned(200, "{\"release\":{\"id\":\"v2\"}}"));
        assertThat(run("config:set", "A=b=c", "--app", "a")).isZero();
        assertThat(bodies.get("PATCH /api/v1/tenants/local/apps/a/config")).isEqualTo("{\"set\":{\"A\":\"b=c\"}}");
        assertThat(out.toString()).startsWith("Released v2");
    }

    @Test
    void anAppMayBeCalledLikeACommand() {
        answers.put("GET /api/v1/tenants/local/apps/cancel/builds", new Canned(200, "{\"items\":[]}"));
        assertThat(run("builds", "--app", "cancel")).as(err.toString()).isZero();
    }

    @Test
    void theAppComesFromTheGitRemote() throws Exception {
        git("init", "-q", ".");
        new Git(folder).connect(url(), url() + "/git/team/shop.git", "/opt/may fly/mayfly");
        answers.put("GET /api/v1/tenants/team/apps/shop/releases", new Canned(200, "{\"items\":[]}"));
        assertThat(run("releases")).as(err.toString()).isZero();
        assertThat(git("config", "--get-all", "credential." + url() + ".helper"))
                .isEqualTo("\n!'/opt/may fly/mayfly' git-credential\n");
    }

    @Test
    void aFolderIsConnectedToAnAppThatIsThereAlready() throws Exception {
        answers.put(
                "GET /api/v1/tenants/local/apps/shop",
                new Canned(200, "{\"name\":\"shop\",\"gitUrl\":\"" + url() + "/git/local/shop.git\"}"));
        assertThat(run("apps", "connect", "shop")).as("no work tree").isEqualTo(2);
        git("init", "-q", ".");
        assertThat(run("apps", "connect", "shop")).as(err.toString()).isZero();
        assertThat(git("remote", "get-url", "mayfly")).contains("/git/local/shop.git");
    }

    @Test
    void gitGetsTheTokenAndNothingElseDoes() {
        assertThat(run("git-credential", "get")).isZero();
        assertThat(out.toString()).isEqualTo("username=mayfly\npassword=mfp_test\n");
        out.getBuffer().setLength(0);
        assertThat(run("git-credential", "store")).isZero();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void signingInKeepsTheTokenForItsOwnerAlone() throws IOException {
        answers.put("GET /api/v1/session", new Canned(200, "{\"user\":\"admin\"}"));
        Path token = Files.writeString(folder.resolve("token"), "mfp_file\n");
        environment.remove("MAYFLY_TOKEN");
        assertThat(run("login", "--token-file", token.toString()))
                .as(err.toString())
                .isZero();
        Path saved = folder.resolve("config/mayfly/credentials.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(saved)))
                .isEqualTo("rw-------");
        assertThat(run("whoami")).isZero();
        assertThat(out.toString()).contains("admin at " + url());
        assertThat(run("logout")).isZero();
        assertThat(run("whoami")).isEqualTo(3);
    }

    @Test
    void withoutAnAppThePersonIsToldHowToNameOne() {
        assertThat(run("logs")).isEqualTo(2);
        assertThat(err.toString()).contains("--app NAME");
    }

    @Test
    void whatATenantNamedOrPrintedDoesNothingToTheTerminal() {
        String hostile = "x\\u001b]0;owned\\u0007\\u009b2J\\u202e";
        String app = "GET /api/v1/tenants/local/apps/x";
        answers.put(app, new Canned(400, "{\"detail\":\"layer " + hostile + "\",\"code\":\"a.b\"}"));
        assertThat(run("apps", "info", "x")).isEqualTo(2);
        answers.put(app + "/builds/b/log", new Canned(200, "red \u001b[31mred\nclear \u001b[2J\nno end \u0007"));
        assertThat(run("builds", "logs", "b", "-a", "x")).as(err.toString()).isZero();
        answers.put(
                "GET /api/v1/tenants/local/apps",
                new Canned(200, "{\"items\":[{\"name\":\"" + hostile + "\",\"state\":\"live\"}]}"));
        assertThat(run("apps")).isZero();
        assertThat(run("apps", "-o", "json")).isZero();
        assertThat(err.toString()).contains("\\u001b]0;owned\\u0007\\u009b2J\\u202e");
        assertThat(out.toString())
                .contains("red \u001b[31mred\u001b[0m\n")
                .contains("clear \\u001b[2J\nno end \\u0007");
        assertThat((out + err.toString()).replaceAll("\u001b\\[[0-9;]*m", ""))
                .doesNotContainPattern("[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u202e]");
    }

    private int run(String... arguments) {
        return Main.run(environment, folder, new PrintWriter(out), new PrintWriter(err), arguments);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private String git(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "git";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
