package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The first ten minutes: up, login, create, push, curl, idle, gone, again. */
@TestMethodOrder(OrderAnnotation.class)
class NewcomerIT {
    private final Server server = SharedServer.get();

    @Test
    @Order(1)
    void upOnAnEmptyFolderDeploysHelloAndSaysWhatToDoNext() {
        assertThat(server.printed)
                .contains("remote: ----->")
                .contains("http://hello.local.localhost:" + server.port)
                .contains("apps create my-app")
                .contains("git push mayfly main")
                .contains(server.controlUrl());
        assertThat(server.get("hello", "/").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(2)
    void theAdminTokenIsForTheOwnerAlone() throws Exception {
        Path token = server.data.resolve("secrets/admin-token");
        assertThat(java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                .isEqualTo("rw-------");
    }

    @Test
    @Order(3)
    void loginNeedsNothingToCopyAndPushAsksNothing() {
        Shell me = server.shell();
        String mayfly = Server.ROOT.resolve("mayfly").toString();
        me.run(mayfly, "login", "--url", server.controlUrl()).expectExit(0);
        Path folder = SharedServer.newFolder("first");
        me.in(folder).run("git", "init", "-q", "-b", "main", ".").expectExit(0);
        writeServer(folder, "'first'");
        me.in(folder).run("git", "add", "-A").expectExit(0);
        me.in(folder).run("git", "commit", "-q", "-m", "First").expectExit(0);
        me.in(folder).run(mayfly, "apps", "create", "first").expectExit(0);
        Shell.Result push = me.in(folder).run("git", "push", "mayfly", "main").expectExit(0);
        assertThat(push.err())
                .contains("remote: -----> ")
                .contains("Released v1")
                .contains("http://first.local.localhost:" + server.port)
                .contains("* [new branch]      main -> main");
        assertThat(push.err().lines().map(String::strip).filter(line -> line.startsWith("remote: ")))
                .as("what the server says ends with the URL")
                .last()
                .asString()
                .endsWith("http://first.local.localhost:" + server.port + "/");
        assertThat(server.get("first", "/").body()).isEqualTo("first");
    }

    @Test
    @Order(4)
    void anIdleAppIsGoneFromTheMachineAndComesBack() {
        WorkTree tree = WorkTree.empty(server, "sleeper")
                .write("package.json", "{\"name\":\"sleeper\",\"scripts\":{\"start\":\"node server.js\"}}")
                .write("mayfly.toml", "schema = 1\nkind = \"web\"\n[limits]\nidle-timeout = \"2s\"\n");
        writeServer(tree.folder(), "String(process.pid)");
        tree.commit("Start").push().expectExit(0);
        String id = served();
        Wait.until(
                "ps shows no instance",
                Duration.ofSeconds(30),
                () -> living("sleeper").isEmpty());
        Wait.until(
                "the machine shows nothing of " + id,
                Duration.ofSeconds(30),
                () -> HostTraces.of(server, id).isEmpty(),
                () -> HostTraces.of(server, id).toString());
        var again = server.get("sleeper", "/");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.headers().firstValue("Mayfly-Start")).hasValue("cold");
        assertThat(again.headers().firstValue("Mayfly-Instance")).isPresent().isNotEqualTo(Optional.of(id));
    }

    @Test
    @Order(5)
    void concurrentFirstRequestsShareStarts() throws Exception {
        Wait.until("asleep", Duration.ofSeconds(30), () -> living("sleeper").isEmpty());
        var calls = new ArrayList<Future<String>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                calls.add(threads.submit(this::served));
            }
        }
        Set<String> instances = new HashSet<>();
        for (var call : calls) {
            instances.add(call.get());
        }
        assertThat(instances).hasSize(1);
    }

    /** Asks once; which instance answered. Who asks for a list meanwhile may be later than its idle timeout. */
    private String served() {
        var answer = server.get("sleeper", "/");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("Mayfly-Instance").orElseThrow();
    }

    private List<String> living(String app) {
        JsonNode items = server.json("ps", "--app", app);
        return Json.items(items).stream()
                .filter(item -> !item.path("state").asText().equals("reaped"))
                .map(item -> item.path("id").asText())
                .toList();
    }

    static void writeServer(Path folder, String expression) {
        try {
            Files.writeString(
                    folder.resolve("server.js"),
                    "require('http').createServer((q, s) => s.end(" + expression + ")).listen(process.env.PORT)\n");
            if (Files.notExists(folder.resolve("package.json"))) {
                Files.writeString(
                        folder.resolve("package.json"),
                        "{\"name\":\"app\",\"scripts\":{\"start\":\"node server.js\"}}\n");
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
