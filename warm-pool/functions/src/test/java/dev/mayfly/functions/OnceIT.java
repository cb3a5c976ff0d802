package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Shims that answer one request and end. */
@Timeout(60)
final class OnceIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String READY = "GET /_mayfly/ready HTTP/1.1\r\nHost: x\r\n\r\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void itAnswersOneRequestAndEnds(String language) throws Exception {
        try (ShimProcess shim = start(language, "count")) {
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
            assertThat(shim.ask(GET))
                    .startsWith("HTTP/1.1 200")
                    .contains("onnection: close")
                    .endsWith("\r\n1");
            assertThat(shim.exitCode()).isZero();
            assertThat(shim.output()).contains("call 1").doesNotContain("call 2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aSecondRequestOnTheSameConnectionNeverReachesTheFunction(String language) throws Exception {
        try (ShimProcess shim = start(language, "count")) {
            String answers = shim.ask(READY + GET + GET + GET);
            assertThat(answers).contains("\r\n\r\n1").doesNotContain("\r\n\r\n2");
            assertThat(shim.exitCode()).isZero();
            assertThat(shim.output()).contains("call 1").doesNotContain("call 2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aSecondConnectionIsTurnedAwayWhileTheFirstIsServed(String language) throws Exception {
        try (ShimProcess shim = start(language, "sleep");
                SocketChannel waiting = shim.open();
                SocketChannel first = shim.open()) {
            shim.ready();
            send(first, "GET /?seconds=1 HTTP/1.1\r\nHost: x\r\n\r\n");
            shim.awaitOutput("asleep");
            assertThat(refused(shim)).isTrue();
            assertThat(refused(shim)).isTrue();
            try {
                send(waiting, GET);
            } catch (IOException e) {
                // Closed already, which is an answer too.
            }
            assertThat(ShimProcess.rest(waiting))
                    .satisfiesAnyOf(
                            answer -> assertThat(answer).isEmpty(),
                            answer -> assertThat(answer).startsWith("HTTP/1.1 503"));
            assertThat(ShimProcess.rest(first)).startsWith("HTTP/1.1 200").endsWith("slept");
            assertThat(shim.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void whatTheFunctionLeavesRunningIsNotWaitedFor(String language) throws Exception {
        try (ShimProcess shim = start(language, "background")) {
            assertThat(shim.ask(GET)).endsWith("answered");
            assertThat(shim.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aLongAnswerArrivesWhole(String language) throws Exception {
        try (ShimProcess shim = start(language, "large")) {
            String answer = shim.ask("GET /?bytes=20000000 HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer.length() - answer.indexOf("\r\n\r\n") - 4).isEqualTo(20_000_000);
            assertThat(shim.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aBodyIsReadWhole(String language) throws Exception {
        try (ShimProcess shim = start(language, "echo")) {
            String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            String request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(40);
            assertThat(shim.ask(request + "0\r\n\r\n")).containsPattern("\"bytes\": ?" + 40 * 0x10000);
            assertThat(shim.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aFailureIsAnAnswerToo(String language) throws Exception {
        try (ShimProcess shim = start(language, "greet")) {
            assertThat(shim.ask("GET /?name=fail HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 50");
            assertThat(shim.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aCallerThatLeavesEndsItToo(String language) throws Exception {
        try (ShimProcess shim = start(language, "large")) {
            try (SocketChannel channel = shim.open()) {
                send(channel, "GET /?bytes=20000000 HTTP/1.1\r\nHost: x\r\n\r\n");
                channel.read(ByteBuffer.allocate(10));
            }
            assertThat(shim.exitCode()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aConnectionWithoutARequestHoldsNobodyUp(String language) throws Exception {
        try (ShimProcess shim = start(language, "count");
                SocketChannel silent = shim.open();
                SocketChannel slow = shim.open()) {
            send(slow, "GET / HT");
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
            assertThat(shim.ask(GET)).endsWith("\r\n1");
            assertThat(shim.exitCode()).isZero();
            assertThat(silent.isOpen()).isTrue();
        }
    }

    @Test
    void whatAFunctionWritesAfterItsAnswerIsLostAndSaid() throws Exception {
        try (ShimProcess shim = start("node", "twice")) {
            assertThat(shim.ask(GET)).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nfirst");
            assertThat(shim.exitCode()).isZero();
            assertThat(shim.output())
                    .contains("function 'twice': it wrote after its answer; that is lost")
                    .contains("function 'twice': failed after its answer: Error: it answered twice");
        }
    }

    @Test
    void aWsgiAppThatAnswersTwiceIsHeardOnce() throws Exception {
        Files.writeString(folder.resolve("functions_framework.py"), """
                def app(environ, start):
                    write = start("200 OK", [("content-type", "text/plain")])
                    start("500 Oh", [])
                    environ["wsgi.errors"].flush()
                    return [b"first"]

                def create_app(target, source, signature):
                    return app
                """);
        try (ShimProcess shim = start("python", "framework")) {
            assertThat(shim.ask(GET)).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nfirst");
            assertThat(shim.exitCode()).isZero();
            assertThat(shim.output()).contains("function 'framework': it answered twice; the first answer holds");
        }
    }

    @Test
    void aFailureAfterTheAnswerLeavesItWhole() throws Exception {
        try (ShimProcess shim = start("node", "late")) {
            assertThat(shim.ask(GET)).startsWith("HTTP/1.1 200").hasSizeGreaterThan(5_000_000);
            assertThat(shim.exitCode()).isZero();
            assertThat(shim.output()).contains("function 'late': failed after its answer: Error: as asked");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void aBoundInstanceAnswersOnceIfItsMessageSaysSo(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, language, Map.of())) {
            shim.bind("count", Map.of("MAYFLY_ISOLATION", "request"));
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
            assertThat(shim.ask(GET)).endsWith("\r\n1");
            assertThat(shim.exitCode()).isZero();
        }
    }

    private ShimProcess start(String language, String target) throws Exception {
        return ShimProcess.bound(folder, language, target, "http", Map.of("MAYFLY_ISOLATION", "request"));
    }

    /** Whether a further request is not answered by the function. */
    private static boolean refused(ShimProcess shim) throws Exception {
        try {
            String answer = shim.ask("GET /?seconds=0 HTTP/1.1\r\nHost: x\r\n\r\n");
            return answer.isEmpty() || answer.startsWith("HTTP/1.1 503");
        } catch (IOException e) {
            return true; // It does not listen any more.
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
