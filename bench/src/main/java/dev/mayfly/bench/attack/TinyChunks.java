package dev.mayfly.bench.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Bodies in chunks of one byte, both ways: each costs the server as much as a large one. */
final class TinyChunks implements Attack {
    private static final int TIMEOUT_MILLIS = 60_000;

    @Override
    public String name() {
        return "tiny-chunks";
    }

    @Override
    public String about() {
        return "requests and answers of hundreds of thousands of chunks of one byte, to hold everybody else";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        Path tree = scene.tree("chunks", Scene.web("chunks.py"));
        scene.server().push(tree);
        byte[] upload = ("POST / HTTP/1.1\r\nHost: chunks.local.localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "1\r\nx\r\n".repeat(scene.of(100_000, 500_000)) + "0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] download = "GET / HTTP/1.1\r\nHost: chunks.local.localhost\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < scene.of(1, 5); i++) {
            try (Socket socket = connect(scene)) {
                socket.getOutputStream().write(upload);
                if (socket.getInputStream().read() < 0) {
                    scene.note("the upload was cut");
                }
            }
            try (Socket socket = connect(scene)) {
                socket.getOutputStream().write(download);
                socket.getInputStream().readAllBytes();
            }
        }
        scene.server().tryMayfly(tree, "apps", "delete", "chunks", "--yes");
    }

    private static Socket connect(Scene scene) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), scene.server().port());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }
}
