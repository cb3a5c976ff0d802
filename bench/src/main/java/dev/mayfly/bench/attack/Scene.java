package dev.mayfly.bench.attack;

import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.server.TestServer;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where attacks are played: a server on a small file system of its own, and an honest app with its callers. */
final class Scene implements AutoCloseable {
    /** What one build may fill in seconds. */
    private static final String DISK = "1g";

    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration RECOVERY_MAX = Duration.ofSeconds(30);
    private static final int FAILURES_SHOWN = 5;

    private final List<Row> rows = new ArrayList<>();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final SizedFolder folder;
    private final TestServer server;
    private final Honest honest;
    private final boolean brief;
    private String playing = "";
    private int recoveries;

    private Scene(SizedFolder folder, TestServer server, boolean brief) {
        this.folder = folder;
        this.server = server;
        this.brief = brief;
        this.honest = new Honest(server);
    }

    static Scene open(boolean brief) throws IOException, InterruptedException {
        SizedFolder folder = SizedFolder.of(DISK);
        TestServer server = new TestServer(folder.path);
        try {
            server.up();
            server.push(server.tree(Honest.APP, web("honest.py")));
            return new Scene(folder, server, brief);
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            folder.close();
            throw e;
        }
    }

    TestServer server() {
        return server;
    }

    /** The file system that its server's data lies on. */
    File disk() {
        return folder.path.toFile();
    }

    /** Whether it is enough to see that attacks fail. */
    boolean brief() {
        return brief;
    }

    /** One of two values: enough to see that the attack fails, or what a strong attacker would do. */
    int of(int few, int many) {
        return brief ? few : many;
    }

    /** Plays one attack and looks at what must be the same afterwards. */
    void play(Attack attack) throws IOException, InterruptedException {
        playing = attack.name();
        System.out.println("----- " + attack.name() + ": " + attack.about());
        HostProbe host = new HostProbe();
        honest.take();
        Thread.sleep(QUIET);
        Honest.Met quiet = honest.take();
        attack.play(this);
        Honest.Met beside = honest.take();
        none("neighbour/failures", beside.failures());
        if (beside.millis().size() > 0 && quiet.millis().size() > 0) {
            add(Row.beside(
                    name("neighbour/p95"),
                    beside.millis().at(0.95),
                    "ms",
                    "quiet",
                    quiet.millis().at(0.95)));
            add(Row.alone(name("neighbour/longest"), beside.millis().most(), "ms"));
        }
        recovers();
        none("host/changes", host.changes());
    }

    /** Without a restart: it says that it is ready, takes a push and serves it. */
    private void recovers() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        List<String> wrong = new ArrayList<>();
        while (!ready() && System.nanoTime() - begin < RECOVERY_MAX.toNanos()) {
            Thread.sleep(50);
        }
        if (!ready()) {
            wrong.add("not ready " + RECOVERY_MAX.toSeconds() + " s later");
        }
        String app = "after" + ++recoveries;
        TestServer.Ended push = server.tryPush(server.tree(app, Map.of("index.html", "here\n")));
        if (push.exit() != 0) {
            wrong.add("a push afterwards failed: " + push.output());
        } else if (!server.get(app, "/").body().equals("here\n")) {
            wrong.add("what was pushed afterwards is not served");
        }
        add(Row.alone(name("recovered"), (System.nanoTime() - begin) / 1e9, "s"));
        none("recovery/failures", wrong);
    }

    boolean ready() throws InterruptedException {
        try {
            HttpRequest question = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.managementPort() + "/readyz"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return client.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** A web app in Python of one file. */
    static Map<String, String> web(String program) throws IOException {
        return Map.of(
                "requirements.txt",
                "",
                "Procfile",
                "web: python3 server.py\n",
                "server.py",
                resource(program),
                "mayfly.toml",
                "schema = 1\nkind = \"web\"\nkeep-alive = \"fixed\"\nwarm = 1\n");
    }

    /** A function in Python of one file, which is kept while it is called. */
    static Map<String, String> function(String program, String target) throws IOException {
        return Map.of(
                "main.py",
                resource(program),
                "mayfly.toml",
                "schema = 1\n"
                        + "kind = \"function\"\n"
                        + "egress = \"none\"\n"
                        + "keep-alive = \"fixed\"\n"
                        + "warm = 1\n"
                        + "[function]\n"
                        + "target = \""
                        + target + "\"\n");
    }

    static String resource(String name) throws IOException {
        try (InputStream in = Scene.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no " + name + " beside the attacks");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Adds a row for what must not have happened, and shows the first times that it did. */
    void none(String what, List<String> happened) {
        happened.stream().limit(FAILURES_SHOWN).forEach(line -> note(what + ": " + line));
        add(Row.alone(name(what), happened.size(), "").bar("none", happened.isEmpty()));
    }

    void add(Row row) {
        rows.add(row);
        System.out.println(row.toLine());
    }

    void note(String text) {
        System.out.println("note: " + text);
    }

    String name(String what) {
        return playing + "/" + what;
    }

    /** A work tree of an attacker, not pushed yet. */
    Path tree(String app, Map<String, String> files) throws IOException, InterruptedException {
        return server.tree(app, files);
    }

    List<Row> rows() {
        return List.copyOf(rows);
    }

    @Override
    public void close() throws IOException {
        honest.close();
        client.close();
        server.close();
        folder.close();
    }
}
