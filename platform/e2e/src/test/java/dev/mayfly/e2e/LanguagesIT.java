package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIterable;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every app in examples/ is pushed by a real git and answers what its {@code expected.txt} says. */
class LanguagesIT {
    private final Server server = SharedServer.get();

    static Stream<String> examples() throws IOException {
        try (var folders = Files.list(Server.ROOT.resolve("examples"))) {
            return folders
                    .filter(folder -> Files.exists(folder.resolve("expected.txt")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @Test
    void thereIsAnExampleForEveryLanguageAndKind() throws IOException {
        List<String> names = examples().toList();
        assertThatIterable(names).hasSizeGreaterThanOrEqualTo(10);
        for (String part : List.of(
                "node",
                "python",
                "java",
                "go",
                "static",
                "procfile",
                "function-node",
                "function-python",
                "function-java",
                "cgi")) {
            assertThat(names).as(part).anyMatch(name -> name.contains(part));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleDeploysAndAnswers(String example) throws IOException {
        String app = "ex-" + example;
        WorkTree tree = WorkTree.ofExample(server, example, app);
        tree.push().expectExit(0);
        for (Expected expected :
                Expected.read(Server.ROOT.resolve("examples").resolve(example).resolve("expected.txt"))) {
            var response = server.send(app, HttpRequest.newBuilder().GET(), expected.path());
            assertThat(response.statusCode())
                    .as(example + expected.path() + ": " + response.body())
                    .isEqualTo(200);
            assertThat(response.body().strip()).as(example + expected.path()).isEqualTo(expected.body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cloudevent-node", "cloudevent-python", "cloudevent-java"})
    void aFunctionReceivesCloudEventsInBothModes(String example) throws IOException {
        String app = "ex-" + example;
        WorkTree.ofExample(server, example, app).push().expectExit(0);
        var binary = server.send(
                app,
                HttpRequest.newBuilder()
                        .POST(HttpRequest.BodyPublishers.ofString("{\"n\":1}"))
                        .header("content-type", "application/json")
                        .header("ce-id", "1")
                        .header("ce-source", "/test")
                        .header("ce-type", "made")
                        .header("ce-specversion", "1.0"),
                "/");
        var structured = server.send(
                app,
                HttpRequest.newBuilder()
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/test\",\"type\":\"made\",\"data\":{\"n\":1}}"))
                        .header("content-type", "application/cloudevents+json"),
                "/");
        for (var response : List.of(binary, structured)) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(Server.JSON.readTree(response.body()))
                    .isEqualTo(Server.JSON.readTree("{\"type\":\"made\",\"source\":\"/test\",\"data\":{\"n\":1}}"));
        }
        var none = server.send(app, HttpRequest.newBuilder().GET(), "/");
        assertThat(none.statusCode()).as("no event").isEqualTo(400);
    }

    @Test
    void aVersionThatCannotBeHadIsRefusedWithThoseThatCan() {
        WorkTree tree = WorkTree.empty(server, "versions")
                .write(
                        "package.json",
                        "{\"name\":\"v\",\"engines\":{\"node\":\"3.x\"},\"scripts\":{\"start\":\"node s.js\"}}")
                .commit("Too old");
        assertThat(tree.push().expectExit(1).err())
                .contains("package.json, engines.node")
                .contains("3.x")
                .contains("available: ");
    }

    @Test
    void aNewerPythonComesFromANewerSuiteOfDebian() {
        WorkTree tree = WorkTree.empty(server, "newer-python")
                .write(".python-version", "3.14\n")
                .write("requirements.txt", "")
                .write("main.py", """
                        import os, sys, ssl, sqlite3, termios
                        from http.server import BaseHTTPRequestHandler, HTTPServer

                        class Answer(BaseHTTPRequestHandler):
                            def do_GET(self):
                                self.send_response(200)
                                self.end_headers()
                                self.wfile.write(b"%d.%d" % sys.version_info[:2])

                        HTTPServer(("", int(os.environ["PORT"])), Answer).serve_forever()
                        """)
                .commit("Ask for 3.14");
        tree.push().expectExit(0);
        assertThat(server.get("newer-python", "/").body()).isEqualTo("3.14");
    }

    @Test
    void anErrorInTheManifestCarriesItsLine() {
        WorkTree tree = WorkTree.empty(server, "manifest")
                .write("mayfly.toml", "schema = 1\nkind = \"web\"\n[limits]\nmemory = \"lots\"\n")
                .commit("Wrong");
        assertThat(tree.push().expectExit(1).err())
                .contains("mayfly.toml:4: limits.memory")
                .contains("expected:");
    }

    /** One line of {@code expected.txt}: a path, a space, the body. */
    record Expected(String path, String body) {
        static List<Expected> read(Path file) throws IOException {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line ->
                            new Expected(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)))
                    .toList();
        }
    }
}
