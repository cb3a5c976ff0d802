package dev.mayfly.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A Mayfly server started by {@code ./mayfly up -d}, with a data folder and ports of its own. */
final class Server implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("mayfly.root")).toAbsolutePath();

    /** What is the same for every server of a machine, and takes long to make. */
    static final Path BASE = ROOT.resolve("target/kept/base");

    static final Path TOOLCHAINS = ROOT.resolve("target/kept/toolchains");
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START_LIMIT = Duration.ofMinutes(10);

    final Path data;
    final Path home;
    private final List<String> options;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** What {@code up} printed. */
    String printed = "";

    /** 0 until the server has started once and chosen them; it keeps them when it starts again. */
    int port;

    int controlPort;
    private int managementPort;

    Server(Path data, String... options) {
        this.data = data;
        this.options = List.of(options);
        this.home = data.resolveSibling(data.getFileName() + "-home");
    }

    Server up() {
        Shell.Result result = tryUp();
        result.expectExit(0);
        return this;
    }

    Shell.Result tryUp() {
        List<String> command = new ArrayList<>(List.of(
                ROOT.resolve("mayfly").toString(),
                "up",
                "-d",
                "--yes",
                "--data",
                data.toString(),
                "--port",
                String.valueOf(port),
                "--control-port",
                String.valueOf(controlPort),
                "management.port=" + managementPort,
                "base.folder=" + BASE,
                "toolchains.folder=" + TOOLCHAINS));
        command.addAll(options);
        Shell.Result result = shell().run(START_LIMIT, command);
        printed = result.out() + result.err();
        if (result.exit() == 0) {
            JsonNode about = about();
            port = portOf(about, "gateway");
            controlPort = portOf(about, "url");
            managementPort = portOf(about, "management");
        }
        return result;
    }

    /** What the server wrote down about itself when it was ready. */
    private JsonNode about() {
        try {
            return JSON.readTree(data.resolve("server.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int portOf(JsonNode about, String name) {
        return URI.create(about.path(name).asText()).getPort();
    }

    /** A terminal of a person on this machine: home folder of its own, the server's address and token at hand. */
    Shell shell() {
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", home.toString());
        environment.put("XDG_CONFIG_HOME", home.resolve(".config").toString());
        environment.put("GIT_CONFIG_GLOBAL", home.resolve(".gitconfig").toString());
        environment.put("GIT_TERMINAL_PROMPT", "0");
        environment.put("GIT_AUTHOR_NAME", "dev");
        environment.put("GIT_AUTHOR_EMAIL", "dev@localhost");
        environment.put("GIT_COMMITTER_NAME", "dev");
        environment.put("GIT_COMMITTER_EMAIL", "dev@localhost");
        environment.put("MAYFLY_DATA", data.toString());
        return new Shell(home, environment);
    }

    /** The client with the admin's token. */
    Shell.Result mayfly(Path folder, String... arguments) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("mayfly").toString()));
        command.addAll(List.of(arguments));
        return signedIn().in(folder).run(Duration.ofMinutes(5), command);
    }

    Shell.Result mayfly(String... arguments) {
        shell();
        return mayfly(home, arguments);
    }

    /** Parses what {@code ./mayfly … -o json} printed. */
    JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        Shell.Result result = mayfly(all.toArray(String[]::new)).expectExit(0);
        try {
            return JSON.readTree(result.out());
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + result.out(), e);
        }
    }

    Shell signedIn() {
        return shell().with("MAYFLY_URL", controlUrl()).with("MAYFLY_TOKEN", token());
    }

    String controlUrl() {
        return "http://localhost:" + controlPort;
    }

    String token() {
        try {
            return Files.readString(data.resolve("secrets/admin-token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** GET to an app through the gateway. Not every resolver knows {@code *.localhost}, so the name goes into the Host header. */
    HttpResponse<String> get(String app, String path) {
        return send(app, HttpRequest.newBuilder().GET(), path);
    }

    HttpResponse<String> send(String app, HttpRequest.Builder request, String path) {
        try {
            return client.send(
                    request.uri(URI.create("http://127.0.0.1:" + port + path))
                            .header("Host", app + ".local.localhost:" + port)
                            .timeout(Duration.ofSeconds(90))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    HttpResponse<String> api(String path) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create(controlUrl() + path))
                            .header("Authorization", "Bearer " + token())
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    String metrics() {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    long pid() {
        return about().get("pid").asLong();
    }

    void killNow() {
        ProcessHandle server = ProcessHandle.of(pid()).orElseThrow();
        server.destroyForcibly();
        Wait.until("the killed server is gone", Duration.ofSeconds(30), () -> !server.isAlive());
    }

    String log() {
        try {
            return Shell.text(data.resolve("server.log"));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    void down() {
        shell().run(ROOT.resolve("mayfly").toString(), "down", "--data", data.toString())
                .expectExit(0);
    }

    @Override
    public void close() {
        down();
    }
}
