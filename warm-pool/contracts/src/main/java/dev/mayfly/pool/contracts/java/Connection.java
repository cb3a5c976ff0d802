package dev.mayfly.pool.contracts.java;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One HTTP/1.1 connection from the gateway: request, answer, again. The gateway has checked the requests already. */
final class Connection implements Runnable {
    private static final int LINE_MAX = 64 * 1024;
    private static final int BODY_MAX = 32 * 1024 * 1024;

    private final SocketChannel channel;
    private final Call call;

    Connection(SocketChannel channel, Call call) {
        this.channel = channel;
        this.call = call;
    }

    @Override
    public void run() {
        try (SocketChannel open = channel) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(open), 16 * 1024);
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(open), 16 * 1024);
            Optional<Request> request = read(in);
            while (request.isPresent()) {
                write(request.get(), answer(request.get()), out);
                request = closes(request.get()) ? Optional.empty() : read(in);
            }
        } catch (IOException e) {
            // The gateway has gone; there is nobody to tell.
        }
    }

    private static boolean closes(Request request) {
        return request.header("connection").filter("close"::equalsIgnoreCase).isPresent();
    }

    private Answer answer(Request request) {
        try {
            return call.handle(request);
        } catch (Call.BadRequest e) {
            return Answer.text(400, e.getMessage() + "\n");
        } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
            e.printStackTrace();
            return Answer.text(500, "The function failed.\n");
        }
    }

    private static Optional<Request> read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = first.split(" ", 3);
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
        }
        byte[] body = new byte[0];
        if (headers.containsKey("transfer-encoding")) {
            body = chunks(in);
        } else if (headers.containsKey("content-length")) {
            int length = Integer.parseInt(headers.get("content-length").get(0));
            if (length > BODY_MAX) {
                throw new IOException("body: " + length + " bytes");
            }
            body = in.readNBytes(length);
        }
        return Optional.of(new Request(parts[0], parts[1], headers, body));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int length = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
            if (length == 0) {
                String trailer = line(in);
                while (!trailer.isEmpty()) {
                    trailer = line(in);
                }
                return body.toByteArray();
            }
            if (body.size() + length > BODY_MAX) {
                throw new IOException("body: more than " + BODY_MAX + " bytes");
            }
            body.write(in.readNBytes(length));
            line(in);
        }
    }

    /** A line without its end; empty at the end of the stream too. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (line.size() >= LINE_MAX) {
                throw new EOFException("line: more than " + LINE_MAX + " bytes");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    private static void write(Request request, Answer answer, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " \r\n");
        answer.headers().forEach((name, values) -> {
            if (!name.matches("(?i)content-length|connection|transfer-encoding")) {
                values.forEach(value -> head.append(name)
                        .append(": ")
                        .append(value.replaceAll("[\r\n]", " "))
                        .append("\r\n"));
            }
        });
        boolean bodyless = answer.status() == 204 || answer.status() == 304;
        if (!bodyless) {
            head.append("content-length: ").append(answer.body().length).append("\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        if (!bodyless && !request.method().equals("HEAD")) {
            out.write(answer.body());
        }
        out.flush();
    }
}
