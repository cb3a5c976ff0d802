package dev.mayfly.functions.java.shim;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/** A request ahead of any: what Java loads at the first use of a thing it has then loaded. */
final class Rehearsal {
    private static final byte[] REQUEST = ("POST /rehearsal?a=b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
                    + "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            .getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] MESSAGE =
            "{\"argv\": [\"a\"], \"env\": {\"A\": \"\\u0041\"}, \"cwd\": \"/\"}".getBytes(StandardCharsets.UTF_8);

    private Rehearsal() {}

    /** A function as tenants write them. */
    static final class Echo implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            return Map.of("status", 200, "headers", Map.of("x-rehearsal", "true"), "body", String.valueOf(request));
        }
    }

    /** @throws IOException if the code of a request does not work here */
    static void run() throws IOException, ReflectiveOperationException, BoundFunction.Wrong {
        BoundFunction.parse(MESSAGE);
        ClassPath.rehearse();
        request();
        // Functions that implement an interface of the Functions Framework are given proxies.
        Object proxy = Proxy.newProxyInstance(
                Rehearsal.class.getClassLoader(), new Class<?>[] {Supplied.class}, (self, method, args) -> "");
        ((Supplied) proxy).supply("");
    }

    private static void request() throws IOException {
        Path folder = Files.createTempDirectory("rehearsal");
        Path path = folder.resolve("s");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            try (SocketChannel caller = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                caller.write(ByteBuffer.wrap(REQUEST));
                caller.shutdownOutput();
                Loaded echo = Loaded.load(Echo.class.getName(), "http");
                new HttpConnection(listener.accept(), echo, Turns.many()).run();
                ByteBuffer answer = ByteBuffer.allocate(1024);
                while (caller.read(answer) > 0) {
                    // All of it.
                }
                String text = new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
                if (!text.startsWith("HTTP/1.1 200 ")) {
                    throw new IOException("rehearsal: '" + text + "' (expected: HTTP/1.1 200)");
                }
            }
        } finally {
            Files.deleteIfExists(path);
            Files.deleteIfExists(folder);
        }
    }

    /** Any interface. */
    interface Supplied {
        Object supply(String name);
    }
}
