package dev.mayfly.bench.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Callers that owe the end of their request when it is answered. If the connection to the instance is used again, the next caller's
 * request is read as that end: the honest app's callers would see it.
 */
final class OwedBody implements Attack {
    private static final int TIMEOUT_MILLIS = 20_000;

    @Override
    public String name() {
        return "owed-body";
    }

    @Override
    public String about() {
        return "requests whose body is never sent whole, to read other callers' requests as it";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        String request =
                "POST /early HTTP/1.1\r\nHost: " + Honest.APP + ".local.localhost\r\nContent-Length: 8\r\n\r\nowed";
        List<Socket> open = new ArrayList<>();
        int answered = 0;
        try {
            for (int i = 0; i < scene.of(20, 300); i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), scene.server().port());
                open.add(socket);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                if (socket.getInputStream().read() == 'H') {
                    answered++;
                }
                if (i % 2 == 0) {
                    socket.close();
                }
            }
            Thread.sleep(scene.of(500, 5_000)); // Honest callers go on meanwhile; what they meet is told by the scene.
        } finally {
            for (Socket each : open) {
                each.close();
            }
        }
        scene.note(answered + " requests were answered before they were whole");
    }
}
