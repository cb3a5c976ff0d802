package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The console in a real browser, against a real server while a real push happens. */
class ConsoleIT {
    private final Server server = SharedServer.get();

    @Test
    void aPersonCanDoInThePageWhatTheCommandsDo() throws Exception {
        WorkTree tree = WorkTree.empty(server, "page");
        NewcomerIT.writeServer(tree.folder(), "'page ' + (process.env.GREETING || 'one')");
        tree.commit("One").push().expectExit(0);
        server.mayfly("config", "set", "GREETING=two", "--app", "page").expectExit(0);
        tree.write(
                        "package.json",
                        "{\"name\":\"page\",\"scripts\":{\"build\":\"for i in 1 2 3 4 5 6; do echo step $i; sleep 1; done\",\"start\":\"node server.js\"}}")
                .commit("Slow enough to watch");
        Path shots = Server.ROOT.resolve("target/screenshots");
        Files.createDirectories(shots);
        Shell.Result browser = server.signedIn()
                .in(Server.ROOT.resolve("web-console"))
                .with("MAYFLY_E2E_PUSH_DIR", tree.folder().toString())
                .run(
                        Duration.ofMinutes(6),
                        List.of(
                                "npm",
                                "run",
                                "-s",
                                "e2e",
                                "--",
                                "--url",
                                server.controlUrl(),
                                "--app",
                                "page",
                                "--token-file",
                                server.data.resolve("secrets/admin-token").toString(),
                                "--shots",
                                shots.toString()));
        assertThat(browser.exit()).as(browser.out() + browser.err()).isZero();
        try (var files = Files.list(shots)) {
            assertThat(files.filter(file -> file.toString().endsWith(".png"))).hasSizeGreaterThanOrEqualTo(5);
        }
    }
}
