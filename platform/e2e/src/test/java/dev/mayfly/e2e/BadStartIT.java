package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Apps that cannot start, or misbehave when they have: each is told what was wrong and what was expected, and the pool stays whole. */
class BadStartIT {
    private final Server server = SharedServer.get();

    @Test
    void aFunctionsTargetThatDoesNotExist() {
        WorkTree tree = function("no-target", "def answer(request):\n    return 'ok'\n", "")
                .write("mayfly.toml", manifest("nope", ""))
                .commit("Another name");
        assertThat(tree.push().expectExit(1).err())
                .doesNotContain("Traceback")
                .contains("remote rejected", "function.target: 'nope' (expected: a function of main.py)");
    }

    @Test
    void aFunctionThatHangsWhenItIsLoaded() {
        WorkTree tree = function("hangs", "while True: pass\n", "[limits]\nstart-timeout = \"2s\"\n");
        assertThat(tree.push().expectExit(1).err()).contains("not ready after 2000 ms (start-timeout)");
    }

    @Test
    void aPortThatIsNeverOpened() {
        WorkTree tree = web("no-port", "setInterval(() => {}, 1000)", "");
        assertThat(tree.push().expectExit(1).err())
                .contains("not ready after 3000 ms (start-timeout): it does not listen on port 8080 ($PORT)");
    }

    @Test
    void aHealthPathThatRedirects() {
        WorkTree tree = web(
                "redirects",
                "require('http').createServer((q, s) => { s.writeHead(302, {location: '/login'}); s.end('elsewhere') })"
                        + ".listen(process.env.PORT)",
                "health-path = \"/healthz\"\n");
        assertThat(tree.push().expectExit(1).err())
                .contains("/healthz answers 302 (health-path, expected: below 300, without a redirect): elsewhere");
    }

    @Test
    void limitsOfNothingOrBeyondAllQuotas() {
        WorkTree tree = web("limits", "", "")
                .write("mayfly.toml", "schema = 1\n[limits]\nmemory = \"0\"\n")
                .commit("None");
        assertThat(tree.push().expectExit(1).err()).contains("mayfly.toml", "memory", "expected");
        tree.write("mayfly.toml", "schema = 1\n[limits]\nmemory = \"60000MiB\"\n")
                .commit("Too much");
        assertThat(tree.push().expectExit(1).err()).contains("limits.memory: 60000 MiB (expected: at most 32768 MiB");
    }

    /** It has worked when it was deployed. */
    @Test
    void aReleaseThatDoesNotStartAnyMoreSaysWhoIsToBlame() throws Exception {
        Instant end = Instant.now().plusSeconds(45);
        WorkTree tree = function(
                "expires",
                "import time\nif time.time() > " + end.getEpochSecond()
                        + ":\n    raise RuntimeError('licence is over')\n" + "def answer(request):\n    return 'ok'\n",
                "[limits]\nidle-timeout = \"1s\"\n");
        tree.push().expectExit(0);
        assertThat(server.get("expires", "/").body()).isEqualTo("ok");
        Wait.until(
                "no instance is left, and it is late",
                Duration.ofSeconds(90),
                () -> Instant.now().isAfter(end)
                        && Json.items(server.json("ps", "--app", "expires")).stream()
                                .noneMatch(each -> each.path("state").asText().matches("ready|frozen|starting")));
        HttpResponse<String> answer =
                server.send("expires", HttpRequest.newBuilder().GET().header("Accept", "application/json"), "/");
        JsonNode problem = Server.JSON.readTree(answer.body());
        assertThat(answer.statusCode()).as(answer.body()).isGreaterThanOrEqualTo(500);
        assertThat(problem.path("code").asText()).isEqualTo("start.failed");
        assertThat(problem.path("blame").asText()).isEqualTo("function");
        assertThat(problem.path("detail").asText()).contains("licence is over");
        assertThat(answer.headers().firstValue("Mayfly-Instance")).isPresent();
        assertThat(tree.mayfly("logs").out()).contains("licence is over");
        assertThat(tree.mayfly("ps").out()).contains("start-failed").contains("licence is over");
        works();
    }

    @Test
    void aFunctionThatWritesAfterItsResponseOrAnswersTwice() throws Exception {
        WorkTree tree = WorkTree.empty(server, "late")
                .write("package.json", "{\"name\": \"late\"}")
                .write("index.mjs", """
                        export function answer(request, response) {
                          response.end('first');
                          setTimeout(() => { response.end('second'); }, 20);
                        }
                        """)
                .write("mayfly.toml", manifest("answer", ""))
                .commit("Twice");
        tree.push().expectExit(0);
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = server.get("late", "/");
            assertThat(answer.statusCode() + answer.body()).isEqualTo("200first");
        }
        Wait.until(
                "the log says so",
                Duration.ofSeconds(30),
                () -> tree.mayfly("logs").out().contains("it wrote after its answer; that is lost"));
        works();
    }

    private void works() throws Exception {
        assertThat(server.get("hello", "/").statusCode()).isEqualTo(200);
    }

    private static String manifest(String target, String tables) {
        return "schema = 1\nkind = \"function\"\n[function]\ntarget = \"" + target + "\"\n" + tables;
    }

    private WorkTree function(String app, String program, String tables) {
        return WorkTree.empty(server, app)
                .write("main.py", program)
                .write("mayfly.toml", manifest("answer", tables))
                .commit("Start");
    }

    private WorkTree web(String app, String program, String settings) {
        return WorkTree.empty(server, app)
                .write("package.json", "{\"name\": \"" + app + "\", \"scripts\": {\"start\": \"node server.js\"}}")
                .write("server.js", program)
                .write("mayfly.toml", "schema = 1\nkind = \"web\"\n" + settings + "[limits]\nstart-timeout = \"3s\"\n")
                .commit("Start");
    }
}
