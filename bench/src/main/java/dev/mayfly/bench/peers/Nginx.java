package dev.mayfly.bench.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** nginx with kept-alive connections in front of the benchmark's server as a plain process. */
public final class Nginx implements AutoCloseable {
    private final int port = freePort();
    private final Process node;
    private final Process nginx;

    public Nginx(Path tree) throws IOException, InterruptedException {
        int upstream = freePort();
        ProcessBuilder app =
                new ProcessBuilder("node", tree.resolve("server.js").toString());
        app.environment().put("PORT", String.valueOf(upstream));
        this.node = app.start();
        Path config = tree.resolve("nginx.conf");
        Files.writeString(config, """
            daemon off; worker_processes 1; pid %s/nginx.pid; error_log /dev/null;
            events { worker_connections 256; }
            http {
              access_log off; keepalive_requests 1000000;
              upstream app { server 127.0.0.1:%d; keepalive 16; keepalive_requests 1000000; }
              server { listen 127.0.0.1:%d; location / {
                proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } }
            }
            """.formatted(tree, upstream, port));
        this.nginx = new ProcessBuilder("nginx", "-c", config.toString()).start();
        await(upstream);
        await(port);
    }

    public int port() {
        return port;
    }

    private static void await(int port) throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("nothing listens on port " + port);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        for (Process each : new Process[] {nginx, node}) {
            each.destroy();
            try {
                each.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
