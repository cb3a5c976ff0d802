package dev.mayfly.sandbox.docker;

import dev.mayfly.sandbox.contract.Packages;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A Docker Engine out of Debian's packages with folders, socket and mount namespace of its own, without a bridge and without
 * a rule in the machine's firewall. It and the containerd that it starts end with the test.
 */
record DockerDaemon(Process process, Path socket, Path folder) {
    private static final Duration START_MAX = Duration.ofSeconds(30);

    static DockerDaemon start(Path folder) throws Exception {
        Packages packages = Packages.of("trixie");
        Path programs = Files.createDirectories(folder.resolve("bin"));
        Path containerd = packages.folder("containerd").resolve("usr/bin");
        for (String name : new String[] {"containerd", "containerd-shim-runc-v2"}) {
            Files.createSymbolicLink(programs.resolve(name), containerd.resolve(name));
        }
        Path dockerd = packages.folder("docker.io").resolve("usr/sbin/dockerd");
        // The path of a socket has at most 107 bytes.
        Path socket = folder.resolve("sock");
        ProcessBuilder builder = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        dockerd.toString(),
                        "--data-root",
                        folder.resolve("data").toString(),
                        "--exec-root",
                        folder.resolve("exec").toString(),
                        "--pidfile",
                        folder.resolve("pid").toString(),
                        "--host",
                        "unix://" + socket,
                        "--bridge=none",
                        "--userland-proxy=false",
                        "--iptables=false",
                        "--ip6tables=false",
                        "--exec-opt",
                        "native.cgroupdriver=cgroupfs")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().merge("PATH", programs + ":", (old, ours) -> ours + old);
        DockerDaemon daemon = new DockerDaemon(builder.start(), socket, folder);
        daemon.awaitListening();
        return daemon;
    }

    private void awaitListening() throws Exception {
        for (long deadline = System.nanoTime() + START_MAX.toNanos(); ; ) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0 || !process.isAlive()) {
                    stop();
                    throw new IllegalStateException(
                            "dockerd does not listen: " + Files.readString(folder.resolve("log")), e);
                }
                Thread.sleep(20);
            }
        }
    }

    void stop() throws Exception {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }
}
