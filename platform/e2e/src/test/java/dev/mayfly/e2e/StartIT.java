package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Starting, twice, side by side, and wrongly. */
class StartIT {
    private final Server shared = SharedServer.get();

    private Server another(String name, String... options) {
        String[] all = new String[options.length + 1];
        all[0] = "--bare";
        System.arraycopy(options, 0, all, 1, options.length);
        return new Server(SharedServer.newFolder(name).resolve("data"), all);
    }

    @Test
    void twoServersRunSideBySide() {
        try (Server second = another("second").up()) {
            WorkTree tree = WorkTree.empty(second, "hello");
            NewcomerIT.writeServer(tree.folder(), "'from the second'");
            tree.commit("Start").push().expectExit(0);
            assertThat(second.get("hello", "/").body()).isEqualTo("from the second");
            assertThat(shared.get("hello", "/").body()).isNotEqualTo("from the second");
        }
        assertThat(shared.get("hello", "/").statusCode())
                .as("the first one, after the second is gone")
                .isEqualTo(200);
    }

    @Test
    void anUnknownKeyStopsTheStartAndIsNamed() {
        Server wrong = another("unknown", "gateway.prot=1");
        Shell.Result up = wrong.tryUp();
        assertThat(up.exit()).isNotZero();
        assertThat(up.err()).contains("gateway.prot");
    }

    @Test
    void anUnknownKeyOfTheFileIsNamedWithTheFile() throws Exception {
        Path file = SharedServer.newFolder("file").resolve("mayfly.toml");
        Files.writeString(file, "[gateway]\nprot = 8080\n");
        Shell.Result up = another("unknown-file", "--config", file.toString()).tryUp();
        assertThat(up.exit()).isNotZero();
        assertThat(up.err()).contains("gateway.prot").contains(file.toString());
    }

    @Test
    void aTakenPortStopsTheStartAndIsNamed() throws Exception {
        for (String key : List.of("gateway.port", "control.port")) {
            try (ServerSocket taken = new ServerSocket(0)) {
                Shell.Result up =
                        another("taken", key + "=" + taken.getLocalPort()).tryUp();
                assertThat(up.exit()).isNotZero();
                assertThat(up.err()).contains(key).contains(":" + taken.getLocalPort());
            }
        }
    }

    @Test
    void withoutContainersAppsAreBuiltAndRunAsProcessesAndThatIsSaid() throws Exception {
        try (Server bare = another("processes", "sandbox.runtime=process").up()) {
            assertThat(bare.printed).contains("ISOLATES NOTHING");
            for (String example : List.of("hello", "static-site", "python-requirements")) {
                WorkTree.ofExample(bare, example, example).push().expectExit(0);
                assertThat(bare.get(example, "/").statusCode()).as(example).isEqualTo(200);
            }
            assertThat(Json.items(bare.json("ps", "--all")))
                    .allSatisfy(instance ->
                            assertThat(instance.path("runtime").asText()).isEqualTo("process"));
        }
    }

    @Test
    void statusTellsWhetherItIsUp() {
        String mayfly = Server.ROOT.resolve("mayfly").toString();
        assertThat(shared.shell().run(mayfly, "status").expectExit(0).out()).contains("ready");
        Path none = SharedServer.newFolder("none");
        assertThat(shared.shell()
                        .run(mayfly, "status", "--data", none.toString())
                        .exit())
                .isEqualTo(1);
    }

    @Test
    void aSecondUpOnTheSameFolderIsRefused() {
        assertThat(shared.tryUp().err()).contains("already runs").contains("mayfly down");
    }

    @Test
    void everythingIsThereAfterDownAndUp() throws Exception {
        Server server = another("restart").up();
        WorkTree tree = WorkTree.empty(server, "kept");
        NewcomerIT.writeServer(tree.folder(), "'kept'");
        tree.commit("Start").push().expectExit(0);
        server.down();
        assertThat(server.data.resolve("server.json")).doesNotExist();
        assertThat(Files.exists(server.data.resolve("db"))).isTrue();
        server.up();
        try {
            assertThat(server.get("kept", "/").body()).isEqualTo("kept");
            assertThat(tree.remoteHead()).isEqualTo(tree.head());
        } finally {
            server.down();
        }
    }

    @Test
    void doctorSaysWhatThisMachineLacksAndWhatThatCosts() {
        Shell.Result doctor = shared.shell().run(Server.ROOT.resolve("mayfly").toString(), "doctor");
        assertThat(doctor.out()).contains("runc").contains("process").contains("nftables");
    }
}
