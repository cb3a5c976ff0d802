package dev.mayfly.control.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.control.deploy.Platform;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.store.Builds;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real git against the real protocol: what a push may be, and what is left of one that may not. */
@Timeout(120)
final class GitHttpIT {
    private static final GitConfig CONFIG = new GitConfig(
            new PackLimits(8, 5_000, 64, 4, Duration.ofMinutes(1)),
            new TreeLimits(1_000, 20, 4, 16),
            new RepositoryLimits(12, 20_000),
            Duration.ofSeconds(1),
            4,
            4,
            Duration.ofMinutes(1));

    @TempDir
    Path data;

    private final Random random = new Random(7);
    private GitServer server;
    private GitClient client;
    private AppRef app;

    @BeforeEach
    void open() throws Exception {
        server = new GitServer(data, CONFIG);
        app = server.platform.app("shop");
        client = new GitClient(data.resolve("client"));
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        server.close();
        assertThat(server.jobs())
                .as("nothing works on when the server has stopped")
                .isZero();
    }

    @Test
    void anHonestPushIsDeployedAndCanBeClonedAndPushedOn() throws Exception {
        ObjectId one = client.commitOf("a.txt", random(100_000));
        assertThat(push()).contains("Released v1");
        ObjectId two = client.commitOf("a.txt", random(100_001), one);
        assertThat(push()).contains("Released v2");
        assertThat(client.run("ls-remote", server.url(app), "refs/heads/main").text())
                .startsWith(two.name());
        assertCanBeCloned();
        assertThat(server.objectFiles(app)).hasSize(4).allMatch(file -> file.matches("objects/pack/pack-.*"));
    }

    @Test
    void aTreeBombIsRefusedBeforeAnybodyWaitsAndNothingIsLeft() throws Exception {
        client.commit(bomb());
        assertRefused(push(), "too large: 9,606,940,299 files and directories (at most 1,000) [push.too_large]");
        assertThat(server.platform.store.builds().list(app, 10)).isEmpty();
    }

    @Test
    void aPushForWhichThereIsNoRoomIsRefusedWithTheReasonAndNotReceived() throws Exception {
        client.commitOf("a", random(3_000));
        server.refusePushes("the server's disk is nearly full");
        assertRefused(push(), "the server's disk is nearly full");
        assertThat(server.platform.store.builds().list(app, 10)).isEmpty();
        server.refusePushes(null);
        assertThat(push()).contains("Released v1");
    }

    @Test
    void aFileUnderAThousandNamesIsRefused() throws Exception {
        ObjectId file = client.blob(new byte[3 * 1024 * 1024]);
        TreeBytes names = new TreeBytes();
        for (int i = 0; i < 999; i++) {
            names.file("f" + (1_000 + i), file);
        }
        client.commit(client.tree(names));
        assertRefused(push(), "files of 2,997 MiB (at most 16) [push.too_large]");
    }

    @Test
    void aPackTooLargeForThePushOrForTheRepositoryIsRefusedWithAReason() throws Exception {
        client.commitOf("a", random(3_900_000));
        assertThat(push()).contains("Released v1");
        TreeBytes files = new TreeBytes();
        for (int i = 0; i < 3; i++) {
            files.file("b" + i, client.blob(random(3_900_000)));
        }
        client.commit(client.tree(files));
        List<String> before = server.objectFiles(app);
        assertThat(push("--force")).contains("the most for one push [push.too_large]");
        client.commit(client.tree(
                new TreeBytes().file("c", client.blob(random(3_900_000))).file("d", client.blob(random(3_500_000)))));
        assertThat(push("--force")).contains("Released v2");
        client.commit(client.tree(new TreeBytes().file("e", client.blob(random(3_900_000)))));
        assertThat(push("--force")).contains("what the app's repository can take yet [push.too_large]");
        assertThat(server.objectFiles(app)).hasSize(before.size() + 2);
    }

    @Test
    void submodulesAreRefusedByName() throws Exception {
        client.commit(client.tree(new TreeBytes()
                .entry("160000", "vendor".getBytes(StandardCharsets.UTF_8), ObjectId.fromString("1".repeat(40)))));
        assertRefused(push(), "'vendor' is a submodule");
    }

    @Test
    void hundredsOfRefsAreRefusedWithoutReadingAPack() throws Exception {
        ObjectId commit = client.commitOf("a", random(10));
        StringBuilder refs = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            refs.append("create refs/heads/topic-")
                    .append(i)
                    .append(' ')
                    .append(commit.name())
                    .append('\n');
        }
        Path list = data.resolve("refs");
        Files.writeString(list, refs);
        Process update = new ProcessBuilder("git", "update-ref", "--stdin")
                .directory(data.resolve("client").toFile())
                .redirectInput(list.toFile())
                .start();
        assertThat(update.waitFor(30, TimeUnit.SECONDS)).isTrue();
        String out = client.run("push", server.url(app), "refs/heads/topic-*:refs/heads/topic-*")
                .text();
        assertThat(out.lines().filter(line -> line.contains("only the branches main and master are deployed")))
                .hasSize(500);
        assertThat(server.objectFiles(app)).isEmpty();
    }

    @Test
    void aBuildThatFailsLeavesNoPack() throws Exception {
        server.platform.engine.next((_, _) -> new BuildResult.Failed(ErrorCode.BUILD_FAILED, "build", "no"));
        client.commitOf("a", random(1_000_000));
        assertRefused(push(), "build failed: no");
        assertThat(push()).as("the same commit again").contains("Released v1");
    }

    @Test
    void aClientThatGoesWhileItSendsLeavesNothing() throws Exception {
        Socket socket = request("git-receive-pack", 5_000_000);
        OutputStream out = socket.getOutputStream();
        out.write(commands());
        out.write(new byte[100_000]);
        out.flush();
        Platform.await("the push arrives", () -> files().stream().anyMatch(file -> file.endsWith("arriving")));
        socket.close();
        Platform.await("nothing is left of it", () -> files().isEmpty() && server.jobs() == 0);
    }

    @Test
    void aPushIsStoppedWhenTheDiskRunsShortWhileItArrives() throws Exception {
        try (Socket socket = request("git-receive-pack", 7_500_000)) {
            OutputStream out = socket.getOutputStream();
            out.write(commands());
            out.write(new byte[100_000]);
            out.flush();
            Platform.await("the push arrives", () -> files().stream().anyMatch(file -> file.endsWith("arriving")));
            server.refusePushes("the server's disk is nearly full");
            out.write(new byte[7_500_000 - commands().length - 100_000]);
            out.flush();
            assertThat(answer(socket)).contains("the server's disk is nearly full [disk.low]");
        }
        Platform.await("nothing is left of it", () -> files().isEmpty());
    }

    @Test
    void pushesOfAnAppShareTheRoomOfItsRepository() throws Exception {
        try (Socket first = request("git-receive-pack", 8_000_000);
                Socket second = request("git-receive-pack", 8_000_000)) {
            first.getOutputStream().write(commands());
            first.getOutputStream().write(new byte[7_900_000 - commands().length]);
            first.getOutputStream().flush();
            Platform.await("most of it is there", () -> bytes() > 7_000_000);
            second.getOutputStream().write(commands());
            second.getOutputStream().write(new byte[8_000_000 - commands().length]);
            second.getOutputStream().flush();
            assertThat(answer(second)).contains("together with other pushes under way");
        }
    }

    @Test
    void aFetchMakesNoRepositoryForAnAppThatDoesNotExist() throws Exception {
        AppRef ghost = AppRef.of("local", "ghost");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream().write(head(ghost, "git-upload-pack", 4, ""));
            socket.getOutputStream().write("0000".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            assertThat(answer(socket)).contains("ERR app 'ghost' does not exist");
        }
        assertThat(server.folder.resolve("local")).doesNotExist();
    }

    @Test
    void aPackThatLostItsIndexIsReplaced() throws Exception {
        client.commitOf("a", random(10_000));
        assertThat(push()).contains("Released v1");
        Path repository = server.folder.resolve("local/shop.git");
        for (String file : server.objectFiles(app)) {
            if (file.endsWith(".idx")) {
                Files.delete(repository.resolve(file));
            } else {
                Files.delete(repository.resolve(file));
                Files.write(repository.resolve(file), random(10));
            }
        }
        Files.delete(repository.resolve("refs/heads/main"));
        assertThat(push()).contains("Released v2");
        assertCanBeCloned();
    }

    @Test
    void theRefFollowsTheReleaseThatServesWhenTwoArePushedAtOnce() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        server.platform.engine.holdNext(runs, mayEnd);
        client.commitOf("a", random(1_000));
        Process first = client.start("push", server.url(app), "main");
        assertThat(runs.await(60, TimeUnit.SECONDS)).isTrue();
        try (GitClient other = new GitClient(data.resolve("other"))) {
            ObjectId second = other.commitOf("b", random(1_000));
            Process push = other.start("push", server.url(app), "main");
            Platform.await(
                    "both are under way",
                    () -> server.platform.store.builds().list(app, 10).size() == 2 || server.jobs() == 2);
            mayEnd.countDown();
            assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(push.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(push.exitValue()).as(other.output()).isZero();
            try (var opened = server.repositories.open(app)) {
                assertThat(opened.resolve("refs/heads/main")).isEqualTo(second);
            }
        }
    }

    @Test
    void aClientThatGoesWhileItBuildsCancelsAndLeavesNothing() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        server.platform.engine.holdNext(runs, new CountDownLatch(1));
        client.commitOf("a", random(1_000));
        Process push = client.start("push", server.url(app), "main");
        assertThat(runs.await(60, TimeUnit.SECONDS)).isTrue();
        push.descendants().forEach(ProcessHandle::destroyForcibly);
        push.destroyForcibly();
        Platform.await("nothing is left of it", () -> files().isEmpty() && server.jobs() == 0);
        assertThat(server.platform.newestBuild(app).state()).isEqualTo(Builds.State.CANCELLED);
    }

    @Test
    void anExportIsCancelledWithItsBuild() throws Exception {
        TreeBytes files = new TreeBytes();
        for (int i = 0; i < 900; i++) {
            files.file("f" + (1_000 + i), client.blob(("file " + i).getBytes(StandardCharsets.US_ASCII)));
        }
        client.commit(client.tree(files));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        server.platform.engine.next((request, _) -> {
            Thread.currentThread().interrupt();
            try {
                request.source().exportTo(Files.createDirectories(data.resolve("exported")));
            } catch (IOException e) {
                failure.set(e);
            }
            return new BuildResult.Failed(ErrorCode.BUILD_FAILED, "source", "stopped");
        });
        push();
        assertThat(failure.get()).hasMessage("cancelled");
        assertThat(data.resolve("exported")).isEmptyDirectory();
    }

    @Test
    void aStopEndsPushesThatAreStillArriving() throws Exception {
        try (Socket socket = request("git-receive-pack", 5_000_000)) {
            socket.getOutputStream().write(commands());
            socket.getOutputStream().flush();
            Platform.await("the push arrives", () -> server.jobs() > 0);
            server.repositories.close();
            assertThat(server.jobs()).isZero();
        }
    }

    @Test
    void tooManyPushesAreToldToComeAgain() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) { // Half of all may be of one tenant.
                Socket socket = request("git-receive-pack", 5_000_000);
                sockets.add(socket);
                socket.getOutputStream().write(commands());
                socket.getOutputStream().flush();
            }
            Platform.await("they arrive", () -> server.jobs() == 2);
            client.commitOf("a", random(10));
            assertThat(push()).contains("503").contains("try again");
        } finally {
            for (Socket each : sockets) {
                each.close();
            }
        }
        Platform.await("they end", () -> server.jobs() == 0);
        assertThat(push()).contains("Released v1");
    }

    @Test
    void aCompressedRequestIsBoundedByWhatItUnpacksTo() throws Exception {
        byte[] bomb = gzip(40 * 1024 * 1024);
        for (String service : List.of("git-receive-pack", "git-upload-pack")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                socket.setSoTimeout(30_000);
                OutputStream out = socket.getOutputStream();
                out.write(head(service, bomb.length, "content-encoding: gzip\r\n"));
                out.write(bomb);
                out.flush();
                socket.getInputStream().readNBytes(1);
                Platform.await("it is over", () -> server.jobs() == 0);
            }
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void aDestroyedAppTakesItsRepositoryAndItsPushesAlong() throws Exception {
        client.commitOf("a", random(1_000));
        assertThat(push()).contains("Released v1");
        try (Socket socket = request("git-receive-pack", 5_000_000)) {
            socket.getOutputStream().write(commands());
            socket.getOutputStream().flush();
            Platform.await("the push arrives", () -> server.jobs() > 0);
            server.platform.apps.destroy(app);
            server.repositories.delete(app);
            assertThat(server.jobs()).isZero();
        }
        assertThat(server.folder.resolve("local/shop.git")).doesNotExist();
        assertThat(server.folder.resolve(".deleted")).isEmptyDirectory();
        assertThat(client.run("ls-remote", server.url(app)).text()).contains("does not exist");
        assertThat(server.folder.resolve("local/shop.git")).doesNotExist();
    }

    @Test
    void aStartAfterACrashTakesWhatServesAndRemovesTheRest() throws Exception {
        ObjectId one = client.commitOf("a", random(1_000));
        assertThat(push()).contains("Released v1");
        // A push whose release was live when the server died, one that had only arrived, and one of an app that the
        // database does not know.
        ObjectId two = client.commitOf("a", random(2_000), one);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(1);
        server.platform.engine.holdNext(runs, mayEnd);
        Process push = client.start("push", server.url(app), "main");
        assertThat(runs.await(60, TimeUnit.SECONDS)).isTrue();
        Path crashed = data.resolve("crashed");
        copy(server.folder, crashed);
        mayEnd.countDown();
        assertThat(push.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Path repository = crashed.resolve("local/shop.git");
        Files.createDirectories(repository.resolve("incoming/push-other/pack"));
        Files.writeString(repository.resolve("incoming/push-other/arriving"), "PACK");
        Files.writeString(repository.resolve("objects/incoming_1.pack"), "PACK");
        Files.writeString(repository.resolve("objects/pack/gc_1.pack_tmp"), "PACK");
        Files.writeString(repository.resolve("objects/pack/pack-" + "0".repeat(40) + ".pack"), "PACK");
        Files.writeString(repository.resolve("refs/heads/main.lock"), "");
        copy(repository, crashed.resolve("local/unknown.git"));
        Files.createDirectories(crashed.resolve(".deleted/app-1/git/objects"));

        Repositories next = new Repositories(crashed, CONFIG);
        next.reconcile(app, two.name());
        next.sweep(each -> each.equals(app));
        try (var opened = next.open(app)) {
            assertThat(opened.resolve("refs/heads/main")).isEqualTo(two);
            assertThat(opened.getObjectDatabase().has(two)).isTrue();
        }
        assertThat(repository.resolve("incoming")).doesNotExist();
        assertThat(repository.resolve("refs/heads/main.lock")).doesNotExist();
        assertThat(repository.resolve("objects")).isDirectoryNotContaining("glob:**incoming_*");
        assertThat(repository.resolve("objects/pack")).isDirectoryNotContaining("glob:**{_tmp,000.pack}");
        assertThat(crashed.resolve("local/unknown.git"))
                .as("may be known to another database")
                .isDirectory();
        assertThat(crashed.resolve(".deleted")).doesNotExist();
        next.close();
    }

    @Test
    void manyPushesBecomeOnePackAndWhatNoBranchLeadsToGoes() throws Exception {
        ObjectId before = client.commitOf("a", random(10_000));
        push();
        for (int i = 0; i < 3; i++) {
            before = client.commitOf("a", random(10_000 + i), before);
            push();
        }
        Upkeep upkeep = new Upkeep(server.repositories, Clock.systemUTC());
        upkeep.run();
        assertThat(server.objectFiles(app)).as("few packs stay as they are").hasSize(8);

        ObjectId forced = client.commitOf("a", random(5_000));
        assertThat(push("--force")).contains("Released v5");
        try (Gates.Hold _ =
                server.repositories.gates().share(app, Duration.ZERO).orElseThrow()) {
            upkeep.run();
            assertThat(server.objectFiles(app)).as("not while somebody uses it").hasSize(10);
        }
        upkeep.run();
        assertThat(server.objectFiles(app)).hasSize(2);
        try (var opened = server.repositories.open(app)) {
            assertThat(opened.getObjectDatabase().has(forced)).isTrue();
            assertThat(opened.getObjectDatabase().has(before)).isFalse();
        }
        client.commitOf("a", random(5_001), forced);
        assertThat(push()).contains("Released v6");
        assertCanBeCloned();
    }

    @Test
    void anOldRepositoryIsTidiedWhenNobodyHasPushedForADay() throws Exception {
        ObjectId one = client.commitOf("a", random(10_000));
        push();
        client.commitOf("a", random(10_001), one);
        push();
        new Upkeep(server.repositories, Clock.offset(Clock.systemUTC(), Duration.ofHours(25))).run();
        assertThat(server.objectFiles(app)).hasSize(2);
    }

    private String push(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("push"));
        command.addAll(List.of(options));
        command.addAll(List.of(server.url(app), "main"));
        return client.run(command.toArray(String[]::new)).text();
    }

    private void assertCanBeCloned() throws Exception {
        String to = data.resolve("clone").toString();
        assertThat(client.run("clone", "-q", "--bare", server.url(app), to).exit())
                .isZero();
    }

    private void assertRefused(String output, String why) throws IOException {
        assertThat(output).contains("! [remote rejected] main -> main (").contains(why);
        assertThat(server.objectFiles(app)).as("nothing is kept").isEmpty();
        assertThat(server.platform.store.apps().find(app.tenant(), app.app())).isPresent();
    }

    private ObjectId bomb() throws IOException {
        ObjectId file = client.blob(new byte[] {1});
        TreeBytes leaf = new TreeBytes();
        for (int i = 0; i < 99; i++) {
            leaf.file("f" + (100 + i), file);
        }
        ObjectId tree = client.tree(leaf);
        for (int level = 0; level < 4; level++) {
            TreeBytes next = new TreeBytes();
            for (int i = 0; i < 99; i++) {
                next.directory("d" + (100 + i), tree);
            }
            tree = client.tree(next);
        }
        return tree;
    }

    /** A request whose body is to follow. */
    private Socket request(String service, int length) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream().write(head(service, length, ""));
        return socket;
    }

    private byte[] head(String service, int length, String more) {
        return head(app, service, length, more);
    }

    private byte[] head(AppRef whose, String service, int length, String more) {
        String login = Base64.getEncoder().encodeToString(("x:" + server.token).getBytes(StandardCharsets.UTF_8));
        return ("POST /git/" + whose + ".git/" + service + " HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic "
                        + login
                        + "\r\ncontent-type: application/x-" + service + "-request\r\n" + more + "content-length: "
                        + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] commands() {
        String line =
                ObjectId.zeroId().name() + " " + "1".repeat(40) + " refs/heads/main\0 report-status side-band-64k";
        return (String.format("%04x", line.length() + 4) + line + "0000").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] gzip(int zeros) throws IOException {
        var out = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(out)) {
            gzip.write(commands());
            byte[] block = new byte[1024 * 1024];
            for (int i = 0; i < zeros / block.length; i++) {
                gzip.write(block);
            }
        }
        return out.toByteArray();
    }

    /** All that is answered, until there is the end of a body in chunks. */
    private static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        StringBuilder answer = new StringBuilder();
        byte[] buffer = new byte[8_192];
        for (int count = 0; count >= 0 && !answer.toString().endsWith("\r\n0\r\n\r\n"); ) {
            count = socket.getInputStream().read(buffer);
            answer.append(new String(buffer, 0, Math.max(0, count), StandardCharsets.ISO_8859_1));
        }
        return answer.toString();
    }

    private long bytes() {
        try {
            return server.repositories.bytes(app);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> files() {
        try {
            return server.objectFiles(app);
        } catch (IOException | UncheckedIOException e) {
            return List.of("something that goes while it is looked at");
        }
    }

    /** Never the same twice, and nothing that compresses. */
    private byte[] random(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }
}
