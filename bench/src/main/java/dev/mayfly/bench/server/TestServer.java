package dev.mayfly.bench.server;

import dev.mayfly.bench.machine.Folder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server of its own, started as people start it, and gone afterwards. Base images and toolchains are kept between runs. */
public final class TestServer implements AutoCloseable {
    public static final Path ROOT =
            Path.of(System.getProperty("mayfly.root", ".")).toAbsolutePath();
    private static final Path KEPT = Path.of(System.getProperty(
            "mayfly.bench.kept", ROOT.resolve("bench/target/kept").toString()));
    private static final int LOG_LINES = 60;
    private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");
    private static final Pattern LIVE = Pattern.compile("\"state\"\\s*:\\s*\"(starting|ready|frozen|draining)\"");

    private final Path folder;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** 0 until it has started once and chosen them; it keeps them when it starts again. */
    private int port;

    private int controlPort;
    private int managementPort;

    public TestServer() throws IOException {
        this.folder = Files.createTempDirectory("mayfly-bench");
    }

    /** @param parent where its data and work trees lie, such as a file system that may be filled */
    public TestServer(Path parent) throws IOException {
        this.folder = Files.createTempDirectory(parent, "mayfly-bench");
    }

    /** Starts it with these settings; returns how long it took until it was ready. */
    public long up(String... settings) throws IOException, InterruptedException {
        Files.createDirectories(KEPT);
        List<String> command = new ArrayList<>(List.of(
                "up",
                "-d",
                "--yes",
                "--bare",
                "--data",
                folder.resolve("data").toString(),
                "--port",
                String.valueOf(port),
                "--control-port",
                String.valueOf(controlPort),
                "management.port=" + managementPort,
                "base.folder=" + KEPT.resolve("base"),
                "toolchains.folder=" + KEPT.resolve("toolchains")));
        command.addAll(List.of(settings));
        long begin = System.nanoTime();
        run(folder, command.toArray(String[]::new));
        long took = System.nanoTime() - begin;
        port = portOf("gateway");
        controlPort = portOf("url");
        managementPort = portOf("management");
        return took;
    }

    /** Where its apps are; known once it is up. */
    public int port() {
        return port;
    }

    /** Where its health and its metrics are; known once it is up. */
    public int managementPort() {
        return managementPort;
    }

    private int portOf(String what) throws IOException {
        String json = Files.readString(folder.resolve("data/server.json"));
        Matcher address =
                Pattern.compile("\"" + what + "\"\\s*:\\s*\"[^\"]*:(\\d+)\"").matcher(json);
        if (!address.find()) {
            throw new IOException("server.json: no address '" + what + "' in " + json);
        }
        return Integer.parseInt(address.group(1));
    }

    public void down() throws IOException, InterruptedException {
        run(folder, "down", "--data", folder.resolve("data").toString());
    }

    /** A git work tree with these files and an app of its name, pushed once. */
    public Path app(String name, Map<String, String> files) throws IOException, InterruptedException {
        return app(name, files, List.of());
    }

    /** The same with programs beside them. */
    public Path app(String name, Map<String, String> files, List<Path> programs)
            throws IOException, InterruptedException {
        Path tree = tree(name, files);
        for (Path each : programs) {
            Files.copy(each, tree.resolve(each.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
        push(tree);
        return tree;
    }

    /** A git work tree with these files and an app of its name, not pushed. */
    public Path tree(String name, Map<String, String> files) throws IOException, InterruptedException {
        Path tree = Files.createDirectory(folder.resolve(name));
        git(tree, "init", "-q", "-b", "main", ".");
        run(tree, "apps", "create", name);
        for (Map.Entry<String, String> each : files.entrySet()) {
            Path file = tree.resolve(each.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, each.getValue());
        }
        return tree;
    }

    /** Commits what is there and pushes; returns how long the push took. */
    public long push(Path tree) throws IOException, InterruptedException {
        commit(tree);
        long begin = System.nanoTime();
        git(tree, "push", "-q", "mayfly", "main");
        return System.nanoTime() - begin;
    }

    private void commit(Path tree) throws IOException, InterruptedException {
        git(tree, "add", "-A");
        git(
                tree,
                "-c",
                "user.name=bench",
                "-c",
                "user.email=bench@localhost",
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "Next");
    }

    /** How a command ended, and all that it printed. */
    public record Ended(int exit, String output) {}

    /** Commits what is there and pushes; a push may be refused. */
    public Ended tryPush(Path tree) throws IOException, InterruptedException {
        commit(tree);
        return tryRun(tree, "git", "push", "mayfly", "main");
    }

    /** Any command in a work tree, with this server's address and token; it may fail. */
    public Ended tryRun(Path tree, String... command) throws IOException, InterruptedException {
        return ended(tree, List.of(command));
    }

    /** The client in a work tree; it may fail. */
    public Ended tryMayfly(Path tree, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("mayfly").toString()));
        command.addAll(List.of(arguments));
        return ended(tree, command);
    }

    /** All that the server has logged. */
    public String log() throws IOException {
        return text(folder.resolve("data/server.log"));
    }

    public HttpResponse<String> get(String app, String path) throws IOException, InterruptedException {
        return client.send(
                request(app, path).timeout(Duration.ofSeconds(90)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** By address and host name: not every machine resolves names below localhost. */
    public HttpRequest.Builder request(String app, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Host", app + ".local.localhost");
    }

    /** The folder by which its sandboxes are known on the machine. */
    public Path sandboxes() {
        return folder.resolve("data/run/sandboxes");
    }

    /** The process of the server that was started last. */
    public long pid() throws IOException {
        String json = Files.readString(folder.resolve("data/server.json"));
        Matcher pid = PID.matcher(json);
        if (!pid.find()) {
            throw new IOException("server.json: no pid in " + json);
        }
        return Long.parseLong(pid.group(1));
    }

    /** How many instances of an app live. */
    public int live(String app) throws IOException, InterruptedException {
        return (int) LIVE.matcher(instances(app)).results().count();
    }

    /** The instances of an app as JSON. Straight from the API: a command would take processor time from what is measured. */
    public String instances(String app) throws IOException, InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + controlPort + "/api/v1/tenants/local/apps/" + app + "/instances"))
                .header("Authorization", "Bearer " + token())
                .timeout(Duration.ofSeconds(30))
                .build();
        HttpResponse<String> answer = client.send(question, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("instances of " + app + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    private String token() throws IOException {
        return Files.readString(folder.resolve("data/secrets/admin-token")).strip();
    }

    /** Waits until no instance of an app lives. */
    public void awaitNone(String app) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (live(app) > 0) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("an instance of " + app + " does not go away");
            }
            Thread.sleep(50);
        }
    }

    public String mayfly(String... arguments) throws IOException, InterruptedException {
        return run(folder, arguments);
    }

    private String run(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("mayfly").toString()));
        command.addAll(List.of(arguments));
        return execute(directory, command);
    }

    private void git(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        execute(directory, command);
    }

    private String execute(Path directory, List<String> command) throws IOException, InterruptedException {
        Ended ended = ended(directory, command);
        if (ended.exit() != 0) {
            throw new IOException(command + " ended with " + ended.exit() + ":\n" + ended.output() + lastOfLog());
        }
        return ended.output();
    }

    private Ended ended(Path directory, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "command", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().remove("MAYFLY_BENCH_KEPT"); // Ours: a server takes it for a setting, and refuses it.
        builder.environment().put("MAYFLY_URL", "http://localhost:" + controlPort);
        Path token = folder.resolve("data/secrets/admin-token");
        if (Files.exists(token)) {
            builder.environment().put("MAYFLY_TOKEN", token());
        }
        Process process = builder.start();
        if (!process.waitFor(15, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException(command + " took longer than 15 minutes");
        }
        String text = text(output);
        Files.delete(output);
        return new Ended(process.exitValue(), text);
    }

    /** What an attacker's program has printed may be no text: that of it is replaced. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** What the server said last: its folder goes with it. */
    private String lastOfLog() throws IOException {
        Path log = folder.resolve("data/server.log");
        if (Files.notExists(log)) {
            return "";
        }
        List<String> lines = text(log).lines().toList();
        return "server.log:\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(folder.resolve("data/server.json"))) {
            try {
                down();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the server stopped", e);
            }
        }
        Folder.delete(folder);
    }
}
