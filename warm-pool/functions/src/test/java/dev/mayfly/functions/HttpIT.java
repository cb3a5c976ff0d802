package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 of the shims that bring a server of their own. */
@Timeout(60)
final class HttpIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void connectionsAreKeptAndChunksRead(String language) throws Exception {
        try (ShimProcess shim = start(language)) {
            String chunks = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
            String chunked = "POST /a%2Fb HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".concat(chunks);
            String plain =
                    "PUT /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-Many: a\r\nX-Many: b\r\nConnection: close\r\n\r\n{}";
            assertThat(shim.ask(chunked + plain))
                    .containsPattern("\"method\": ?\"POST\", ?\"path\": ?\"/a/b\", ?\"bytes\": ?13")
                    .containsPattern("\"method\": ?\"PUT\", ?\"path\": ?\"/2\", ?\"bytes\": ?2, ?\"many\": ?\"a, b\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aHeadRequestGetsNoBody(String language) throws Exception {
        try (ShimProcess shim = start(language)) {
            assertThat(shim.ask("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void whoeverWaitsForItIsToldToGoOn(String language) throws Exception {
        try (ShimProcess shim = start(language);
                SocketChannel channel = shim.open()) {
            send(
                    channel,
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
            ByteBuffer told = ByteBuffer.allocate(25);
            while (told.hasRemaining()) {
                assertThat(channel.read(told)).isPositive();
            }
            assertThat(new String(told.array(), StandardCharsets.ISO_8859_1))
                    .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            send(channel, "abc");
            assertThat(ShimProcess.rest(channel)).startsWith("HTTP/1.1 200").containsPattern("\"bytes\": ?3");
        }
    }

    /** What it has not read of a body, it must read or end the connection: else the body is run as the next request. */
    @ParameterizedTest
    @CsvSource({
        "node, GET, /_mayfly/ready", "python, GET, /_mayfly/ready", "java, GET, /_mayfly/ready",
                "cgi, GET, /_mayfly/ready",
        "node, POST, /_mayfly/ready", "python, POST, /_mayfly/ready", "java, POST, /_mayfly/ready",
                "cgi, POST, /_mayfly/ready",
        "node, GET, /a", "python, GET, /a", "java, GET, /a", "cgi, GET, /a",
        "node, HEAD, /a", "python, HEAD, /a", "java, HEAD, /a", "cgi, HEAD, /a",
    })
    void aBodyThatNobodyWantsIsNoRequest(String language, String method, String target) throws Exception {
        String forged = "GET /forged HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        String chunked = Integer.toHexString(forged.length()) + "\r\n" + forged + "\r\n0\r\n\r\n";
        String head = method + " " + target + " HTTP/1.1\r\nHost: x\r\n";
        try (ShimProcess shim = start(language)) {
            for (String request : new String[] {
                head + "Content-Length: " + forged.length() + "\r\n\r\n" + forged,
                head + "Transfer-Encoding: chunked\r\n\r\n" + chunked
            }) {
                String next = "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                String answers = shim.ask(request + next);
                assertThat(answers).startsWith("HTTP/1.1 200").doesNotContain("/forged");
                assertThat(answers.split("HTTP/1.1 ", -1).length - 1).isLessThanOrEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aHeadThatComesInPiecesIsRead(String language) throws Exception {
        try (ShimProcess shim = start(language);
                SocketChannel channel = shim.open()) {
            for (String piece : "GET /p HTTP/1.1|\r\nHo|st: x\r\nConnection: close\r|\n\r|\n".split("\\|")) {
                send(channel, piece);
                shim.ready(); // It has had time to look at the piece.
            }
            assertThat(ShimProcess.rest(channel)).startsWith("HTTP/1.1 200").containsPattern("\"path\": ?\"/p\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | GET /~Host: x~~",
                "400 | GET  / HTTP/1.1~Host: x~~",
                "400 | G(T / HTTP/1.1~Host: x~~",
                "505 | GET / HTTP/2.0~Host: x~~",
                "400 | GET / FTP/1.1~Host: x~~",
                "400 | GET / HTTP/1.1~~",
                "400 | GET / HTTP/1.1~Host: x~Host: y~~",
                "400 | GET / HTTP/1.1~Host: x~no colon~~",
                "400 | GET / HTTP/1.1~Host: x~a b: c~~",
                "400 | GET / HTTP/1.1~Host: x~ folded~~",
                "400 | POST / HTTP/1.1~Host: x~Content-Length: -1~~",
                "400 | POST / HTTP/1.1~Host: x~Content-Length: 1~Content-Length: 2~~ab",
                "400 | POST / HTTP/1.1~Host: x~Content-Length: 1~Transfer-Encoding: chunked~~0~~",
                "501 | POST / HTTP/1.1~Host: x~Transfer-Encoding: gzip~~",
                "400 | POST / HTTP/1.1~Host: x~Transfer-Encoding: chunked~~nothex~~",
                "400 | POST / HTTP/1.1~Host: x~Transfer-Encoding: chunked~~3~abcd~0~~",
                "413 | POST / HTTP/1.1~Host: x~Content-Length: 99999999999~~",
                "413 | POST / HTTP/1.1~Host: x~Transfer-Encoding: chunked~~4000000~~"
            })
    void whatIsNotHttpIsRefusedAndTheConnectionEnds(int status, String request) throws Exception {
        for (String language : new String[] {"python", "java", "cgi"}) {
            try (ShimProcess shim = start(language)) {
                assertThat(shim.ask(request.replace("~", "\r\n")))
                        .as(language)
                        .startsWith("HTTP/1.1 " + status + " ")
                        .containsIgnoringCase("connection: close");
                assertThat(shim.get("/")).as(language).startsWith("HTTP/1.1 200");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "java", "cgi"})
    void aHeadHasLimits(String language) throws Exception {
        try (ShimProcess shim = start(language)) {
            assertThat(shim.ask("GET / HTTP/1.1\r\nHost: x\r\n" + "a: b\r\n".repeat(300) + "\r\n"))
                    .startsWith("HTTP/1.1 431 ");
            assertThat(shim.ask("GET / HTTP/1.1\r\nHost: x\r\na: " + "b".repeat(200_000) + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 431 ");
            assertThat(shim.get("/")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aBareLineFeedEndsNoLine() throws Exception {
        for (String language : new String[] {"python", "java", "cgi"}) {
            try (ShimProcess shim = start(language)) {
                assertThat(shim.ask("GET / HTTP/1.1\nHost: x\n\n")).as(language).startsWith("HTTP/1.1 400 ");
            }
        }
    }

    private ShimProcess start(String language) throws Exception {
        Path own = Files.createTempDirectory(folder, language);
        return ShimProcess.bound(own, language, "echo", "http", Map.of());
    }

    private static void send(SocketChannel channel, String text) throws Exception {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
