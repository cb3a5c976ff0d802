package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a push promises: the ref moves only when the release serves, and the client reads why it did not. */
class PushIT {
    private final Server server = SharedServer.get();

    @Test
    void aFailingBuildLeavesTheRefAndSaysWhy() {
        WorkTree tree = web("fails", "'one'");
        tree.push().expectExit(0);
        String before = tree.remoteHead();
        tree.write(
                        "package.json",
                        "{\"name\":\"fails\",\"scripts\":{\"build\":\"exit 3\",\"start\":\"node server.js\"}}")
                .commit("Break it");
        Shell.Result push = tree.push().expectExit(1);
        assertThat(push.err())
                .contains("! [remote rejected] main -> main (build failed")
                .containsPattern("mayfly builds logs bld_\\w+")
                .doesNotContain("pre-receive hook declined");
        assertThat(tree.remoteHead()).isEqualTo(before);
        assertThat(server.get("fails", "/").body()).isEqualTo("one");

        // The same commit again, after what was wrong outside of it is fixed, needs no empty commit: here, a new one.
        tree.write("package.json", "{\"name\":\"fails\",\"scripts\":{\"start\":\"node server.js\"}}")
                .commit("Fix it");
        NewcomerIT.writeServer(tree.folder(), "'two'");
        tree.commit("Say two");
        tree.push().expectExit(0);
        assertThat(tree.remoteHead()).isEqualTo(tree.head());
        assertThat(server.get("fails", "/").body()).isEqualTo("two");
    }

    @Test
    void aRejectedCommitCanBePushedAgainAsItIs() {
        WorkTree tree = WorkTree.empty(server, "again")
                .write("package.json", "{\"name\":\"again\",\"scripts\":{\"start\":\"node server.js\"}}")
                .write(
                        "server.js",
                        "if (!process.env.GREETING) process.exit(4);\nrequire('http').createServer((q, s) => s.end(process.env.GREETING)).listen(process.env.PORT)\n")
                .commit("Needs GREETING");
        Shell.Result first = tree.push().expectExit(1);
        assertThat(first.err()).contains("remote rejected").contains("exit");
        tree.mayfly("config", "set", "GREETING=hi").expectExit(0);
        tree.push().expectExit(0);
        assertThat(server.get("again", "/").body()).isEqualTo("hi");
    }

    @Test
    void anUnhealthyStartLeavesTheOldReleaseServing() {
        WorkTree tree = web("unhealthy", "'old'");
        tree.push().expectExit(0);
        tree.write("server.js", "console.log('no port today'); setInterval(() => {}, 1000)\n")
                .write("mayfly.toml", "schema = 1\nkind = \"web\"\n[limits]\nstart-timeout = \"3s\"\n")
                .commit("Never listens");
        Shell.Result push = tree.push().expectExit(1);
        assertThat(push.err()).contains("remote rejected").contains("no port today");
        assertThat(server.get("unhealthy", "/").body()).isEqualTo("old");
        assertThat(tree.remoteHead()).isNotEqualTo(tree.head());
    }

    @Test
    void anUnknownAppIsNamedWithTheCommandThatMakesIt() {
        WorkTree tree = web("known", "'x'");
        Shell.Result push = tree.git("push", server.controlUrl() + "/git/local/unknown.git", "main");
        assertThat(push.expectExit(1).err())
                .contains(
                        "! [remote rejected] main -> main (app 'unknown' does not exist; make it with: mayfly apps create unknown)");
        assertThat(tree.git("ls-remote", server.controlUrl() + "/git/local/unknown.git")
                        .err())
                .contains("mayfly apps create unknown");
    }

    @Test
    void aTokenAsPasswordIsEnough() {
        WorkTree tree = web("byhand", "'by hand'");
        String url = "http://x:" + server.token() + "@localhost:" + server.controlPort + "/git/local/byhand.git";
        assertThat(tree.git("-c", "credential.helper=", "push", url, "main")
                        .expectExit(0)
                        .err())
                .contains("Released v1");
        assertThat(tree.git("-c", "credential.helper=", "push", url.replace(server.token(), "mfp_wrong"), "main")
                        .exit())
                .isNotZero();
    }

    @Test
    void ctrlCCancelsTheBuild() throws IOException {
        WorkTree tree = WorkTree.empty(server, "cancel")
                .write(
                        "package.json",
                        "{\"name\":\"cancel\",\"scripts\":{\"build\":\"echo building for long; sleep 300\",\"start\":\"node server.js\"}}")
                .write("server.js", "")
                .commit("Slow");
        Path output = tree.folder().resolveSibling("cancel.out");
        Process push = tree.startPush(output);
        Wait.until(
                "the build runs",
                Duration.ofMinutes(2),
                () -> read(output).contains("building for long"),
                () -> read(output));
        push.descendants().forEach(child -> signal(child.pid()));
        signal(push.pid());
        Wait.until(
                "the build is cancelled",
                Duration.ofSeconds(30),
                () -> Json.items(server.json("builds", "--app", "cancel")).stream()
                        .allMatch(build -> build.path("state").asText().equals("cancelled")),
                () -> server.json("builds", "--app", "cancel").toString());
        Files.delete(output);
    }

    @Test
    void detachedTheBuildOutlivesItsClient() throws IOException {
        WorkTree tree = WorkTree.empty(server, "detach")
                .write(
                        "package.json",
                        "{\"name\":\"detach\",\"scripts\":{\"build\":\"echo building on; sleep 3\",\"start\":\"node server.js\"}}");
        NewcomerIT.writeServer(tree.folder(), "'detached'");
        tree.commit("Slow");
        Path output = tree.folder().resolveSibling("detach.out");
        Process push = tree.startPush(output, "-o", "detach");
        Wait.until(
                "the build runs",
                Duration.ofMinutes(2),
                () -> read(output).contains("building on"),
                () -> read(output));
        push.descendants().forEach(child -> signal(child.pid()));
        signal(push.pid());
        Wait.until(
                "the ref moves although nobody waits",
                Duration.ofSeconds(60),
                () -> tree.remoteHead().equals(tree.head()));
        assertThat(server.get("detach", "/").body()).isEqualTo("detached");
        Files.delete(output);
    }

    @Test
    void concurrentPushesToAnAppQueue() throws Exception {
        WorkTree tree = WorkTree.empty(server, "queue")
                .write(
                        "package.json",
                        "{\"name\":\"queue\",\"scripts\":{\"build\":\"sleep 3\",\"start\":\"node server.js\"}}");
        NewcomerIT.writeServer(tree.folder(), "'1'");
        tree.commit("One");
        Path first = tree.folder().resolveSibling("queue-1.out");
        Path second = tree.folder().resolveSibling("queue-2.out");
        Process one = tree.startPush(first);
        Wait.until(
                "the first push builds",
                Duration.ofMinutes(2),
                () -> read(first).contains("remote: ----->"),
                () -> read(first));
        Process two = tree.startPush(second);
        assertThat(one.waitFor()).as(read(first)).isZero();
        int secondExit = two.waitFor();
        // Whichever of both the ref check lets through: nothing breaks, the app serves, the second says what happened.
        assertThat(read(second)).as("exit " + secondExit).containsAnyOf("Released", "up-to-date", "rejected");
        assertThat(server.get("queue", "/").body()).isEqualTo("1");
        Files.delete(first);
        Files.delete(second);
    }

    @Test
    void otherBranchesTagsAndDeletionsAreRefusedInOurWords() {
        WorkTree tree = web("branches", "'b'");
        tree.push().expectExit(0);
        assertThat(tree.git("push", "mayfly", "main:topic").expectExit(1).err())
                .contains("remote rejected")
                .contains("main");
        tree.git("tag", "v1").expectExit(0);
        assertThat(tree.git("push", "mayfly", "v1").expectExit(1).err()).contains("remote rejected");
        assertThat(tree.git("push", "mayfly", ":main").expectExit(1).err()).contains("remote rejected");
        assertThat(server.get("branches", "/").body()).isEqualTo("b");
    }

    private WorkTree web(String app, String expression) {
        WorkTree tree = WorkTree.empty(server, app);
        NewcomerIT.writeServer(tree.folder(), expression);
        return tree.commit("Start");
    }

    private static void signal(long pid) {
        new Shell(Path.of("/"), java.util.Map.of()).run("kill", "-INT", String.valueOf(pid));
    }

    private static String read(Path file) {
        try {
            return Shell.text(file);
        } catch (IOException e) {
            return "";
        }
    }
}
