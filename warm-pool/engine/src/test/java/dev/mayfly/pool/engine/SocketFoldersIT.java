package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import dev.mayfly.sandbox.oci.OciClass;
import dev.mayfly.sandbox.oci.OciRuntime;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A function puts in its folder what it likes; the host, which connects to a path in it, must meet nothing but the function.
 * Needs root and a mount namespace of its own.
 */
final class SocketFoldersIT {
    private static final int UID = 20_000;

    @TempDir
    Path temporary;

    private SocketFolders folders;
    private Path machines;
    private ServerSocketChannel machine;

    @BeforeEach
    void open() throws Exception {
        folders = new SocketFolders(temporary.resolve("fn"), Set.of());
        machines = temporary.resolve("machine.sock");
        machine = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(machines));
        machine.configureBlocking(false);
    }

    @AfterEach
    void close() throws Exception {
        machine.close();
        assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
                .as("mounts that are left")
                .noneMatch(line -> line.contains(temporary.toString()));
    }

    @Test
    void aLinkToASocketOfTheMachineLeadsNowhere() throws Exception {
        Path socket = folders.mount("ins_1", UID).resolve("fn.sock");
        Files.createSymbolicLink(socket, machines);
        assertThatThrownBy(() -> connect(socket)).isInstanceOf(IOException.class);
        assertThat(machine.accept()).isNull();
        folders.remove("ins_1");
    }

    @Test
    void inAPlainFolderThatLinkWouldHaveLedThere() throws Exception {
        Path socket = folders.plain("ins_1").resolve("fn.sock");
        Files.createSymbolicLink(socket, machines);
        assertThatCode(() -> connect(socket)).doesNotThrowAnyException();
        folders.remove("ins_1");
        assertThat(machines).as("what the link points at").exists();
    }

    @Test
    void aSocketOfTheMachineCannotBeLinkedHardIntoIt() throws Exception {
        Path socket = folders.mount("ins_1", UID).resolve("fn.sock");
        assertThatThrownBy(() -> Files.createLink(socket, machines))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("cross-device");
        folders.remove("ins_1");
    }

    @Test
    void theFunctionListensInItAndTheHostReachesIt() throws Exception {
        Path folder = folders.mount("ins_1", UID);
        assertThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(UID);
        Path socket = folder.resolve("fn.sock");
        try (var function = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            function.bind(UnixDomainSocketAddress.of(socket));
            connect(socket);
        }
        folders.remove("ins_1");
        assertThat(folder).doesNotExist();
    }

    @Test
    void itHoldsAFewNamesAndNoData() throws Exception {
        Path folder = folders.mount("ins_1", UID);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        Files.createFile(folder.resolve("name-" + i));
                    }
                })
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("No space left");
        Files.delete(folder.resolve("name-0"));
        assertThat(HostCommands.attempt(
                                "",
                                java.util.List.of(
                                        "dd", "if=/dev/zero", "of=" + folder.resolve("name-1"), "bs=1M", "count=1"))
                        .exit())
                .isNotZero();
        folders.remove("ins_1");
        assertThat(folder).doesNotExist();
    }

    @Test
    void whatAPredecessorLeftGoesAndLinksInItAreNotFollowed() throws Exception {
        Path kept = Files.createDirectory(temporary.resolve("kept"));
        Files.createFile(kept.resolve("file"));
        Path old = folders.plain("ins_old");
        Files.createSymbolicLink(old.resolve("out"), kept);
        folders = new SocketFolders(temporary.resolve("fn"), Set.of());
        assertThat(old).doesNotExist();
        assertThat(kept.resolve("file")).exists();
    }

    @Test
    void theSocketOfWhatStillRunsStays() throws Exception {
        Path running = folders.socket("ins_running");
        Files.createFile(running);
        Files.createFile(folders.socket("ins_gone"));
        folders = new SocketFolders(temporary.resolve("fn"), Set.of("ins_running"));
        assertThat(running).exists();
        assertThat(folders.socket("ins_gone")).doesNotExist();
    }

    /** The whole attack: a function in a sandbox of its own puts the link there and waits for the gateway. */
    @Test
    void aSandboxCannotHaveTheHostTalkToASocketOfTheMachine() throws Exception {
        Path layer = Files.createDirectories(temporary.resolve("layer/bin"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("busybox"));
        HostCommands.run("chmod", "-R", "a+rX", temporary.toString());
        String tag = String.format("%04x", ProcessHandle.current().pid() & 0xffff);
        Path run = Files.createDirectories(temporary.resolve("run"));
        try (Networks networks = new Networks(NetworkConfig.DEFAULTS, run.resolve("netns"), tag);
                OciRuntime runtime = OciRuntime.open(OciClass.RUNC, "runc", run, tag, networks)) {
            Path folder = folders.mount("ins_1", UID);
            Sandbox function = runtime.start(new SandboxSpec(
                    "ins_1",
                    "tenant",
                    List.of(layer.getParent()),
                    List.of("/bin/busybox", "ln", "-s", machines.toString(), "/run/mayfly/fn.sock"),
                    Map.of(),
                    "/",
                    UID,
                    new SandboxSpec.SandboxLimits(64, 1, 32, 8),
                    List.of(new SandboxSpec.Mount(folder, "/run/mayfly", false)),
                    EgressPolicy.NONE,
                    (_, _) -> {}));
            assertThat(function.exit().get(30, TimeUnit.SECONDS).code()).isZero();
            assertThat(folder.resolve("fn.sock")).isSymbolicLink();
            assertThatThrownBy(() -> connect(folder.resolve("fn.sock"))).isInstanceOf(IOException.class);
            assertThat(machine.accept()).isNull();
            assertThat(function.destroy()).isEmpty();
            folders.remove("ins_1");
        }
    }

    private static void connect(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
        }
    }
}
