package dev.mayfly.functions.java.shim;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One HTTP/1.1 connection from the gateway: request, answer, again. */
final class HttpConnection implements Runnable {
    private static final String READY = "/_mayfly/ready";
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final HttpAnswer HAD_IT = new HttpAnswer(
            503,
            Map.of("content-type", List.of("application/problem+json")),
            ("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                            + "\"detail\":\"This instance answers one request and has had it.\"}")
                    .getBytes(StandardCharsets.UTF_8));

    private final SocketChannel channel;
    private final Loaded function;
    private final Turns turns;
    private boolean last;

    HttpConnection(SocketChannel channel, Loaded function, Turns turns) {
        this.channel = channel;
        this.function = function;
        this.turns = turns;
    }

    @Override
    public void run() {
        try (SocketChannel open = channel) {
            Input in = new Input(new BufferedInputStream(Channels.newInputStream(open), BUFFER_BYTES));
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(open), BUFFER_BYTES);
            try {
                converse(in, out);
            } catch (Refused why) {
                send(out, why.answer(), "GET", true);
            }
            end(open);
        } catch (IOException e) {
            // The gateway has gone; there is nobody to tell.
        } finally {
            if (last) {
                turns.over();
            }
        }
    }

    private void converse(Input in, OutputStream out) throws IOException, Refused {
        boolean close = false;
        while (!close) {
            Optional<Head> next = in.head();
            if (next.isEmpty()) {
                return;
            }
            Head head = next.get();
            close = head.close();
            if (head.target().equals(READY)) {
                in.body(head);
                send(out, function.ready(), head.method(), close);
                continue;
            }
            Turns.Turn turn = turns.take();
            if (turn == Turns.Turn.NONE) {
                send(out, HAD_IT, head.method(), true);
                return;
            }
            last = turn == Turns.Turn.LAST;
            close |= last;
            if (head.waits() && head.length() != 0 && !in.hasMore()) {
                out.write(CONTINUE);
                out.flush();
            }
            send(
                    out,
                    answer(new FunctionRequest(head.method(), head.target(), head.headers(), in.body(head))),
                    head.method(),
                    close);
        }
    }

    private HttpAnswer answer(FunctionRequest request) {
        try {
            return function.call().handle(request);
        } catch (FunctionCall.BadRequest e) {
            return HttpAnswer.text(400, e.getMessage() + "\n");
        } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
            e.printStackTrace();
            return HttpAnswer.text(500, "The function failed.\n");
        }
    }

    private void send(OutputStream out, HttpAnswer answer, String method, boolean close) throws IOException {
        byte[] head;
        HttpAnswer sent = answer;
        try {
            head = answer.head(close);
        } catch (IllegalArgumentException e) {
            System.err.println("function '" + function.name() + "': its answer cannot be sent: " + e.getMessage());
            sent = HttpAnswer.text(500, "The function failed.\n");
            head = sent.head(close);
        }
        out.write(head);
        if (!sent.bodyless() && !method.equals("HEAD")) {
            out.write(sent.body());
        }
        out.flush();
    }

    /** Lets what was sent arrive: a TCP socket that is closed with unread bytes resets the connection. */
    private static void end(SocketChannel channel) throws IOException {
        channel.shutdownOutput();
        if (channel.getLocalAddress() instanceof InetSocketAddress) {
            Socket socket = channel.socket();
            socket.setSoTimeout(1_000);
            byte[] rest = new byte[BUFFER_BYTES];
            for (int i = 0; i < 64 && socket.getInputStream().read(rest) >= 0; i++) {
                // Nobody wants it.
            }
        }
    }
}
