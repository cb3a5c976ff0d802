package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that are run for each request, by CGI. */
@Timeout(60)
final class CgiIT {
    private static final String PLAIN = """
            #!/bin/sh
            printf 'Content-Type: text/plain\\n\\n'
            """;

    private static final String NO_CONTENT = """
            #!/bin/sh
            printf 'Status: 204\\n\\nlost'
            """;

    private static final String TELLING = """
            PATCH /a%20b/%c3%a9?x=%20y&z HTTP/1.1
            Host: app.example:81
            X-Forwarded-For: 192.0.2.7
            X-Forwarded-Proto: https
            Cookie: a=1
            Cookie: b=2
            X-Many: 1
            X-Many: 2
            X_Many: forged
            Timeout: forged
            Proxy: http://forged
            Content-Type: text/x
            Content-Length: 2
            Connection: close

            {}""";

    @TempDir
    Path folder;

    @Test
    void theRequestIsInTheEnvironment() throws Exception {
        Map<String, String> own = Map.of("GREETING", "hello", "CONTENT_TYPE", "forged", "HTTP_TIMEOUT", "mine");
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN + "env\n", own)) {
            String answer = shim.ask(TELLING.replace("\n", "\r\n"));
            assertThat(variables(answer))
                    .contains(
                            "GATEWAY_INTERFACE=CGI/1.1",
                            "SERVER_PROTOCOL=HTTP/1.1",
                            "REQUEST_METHOD=PATCH",
                            "REQUEST_URI=/a%20b/%c3%a9?x=%20y&z",
                            "SCRIPT_NAME=",
                            "PATH_INFO=/a b/é",
                            "QUERY_STRING=x=%20y&z",
                            "CONTENT_LENGTH=2",
                            "CONTENT_TYPE=text/x",
                            "SERVER_NAME=app.example",
                            "SERVER_PORT=81",
                            "REMOTE_ADDR=192.0.2.7",
                            "HTTPS=on",
                            "HTTP_HOST=app.example:81",
                            "HTTP_COOKIE=a=1; b=2",
                            "HTTP_X_MANY=1, 2",
                            "HTTP_TIMEOUT=mine",
                            "GREETING=hello")
                    .noneMatch(each -> each.contains("forged") || each.startsWith("HTTP_PROXY="))
                    .noneMatch(each -> each.startsWith("MAYFLY_SOCKET="));
        }
    }

    @Test
    void whatARequestDoesNotSayIsNotThere() throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN + "env\n", Map.of("REMOTE_USER", "forged"))) {
            assertThat(variables(shim.get("/")))
                    .contains("SERVER_NAME=x", "SERVER_PORT=80", "QUERY_STRING=", "PATH_INFO=/")
                    .noneMatch(each -> each.matches("(CONTENT_|REMOTE_USER|HTTPS|AUTH_TYPE|PATH_TRANSLATED).*"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Status: 404 Gone fishing~~no | HTTP/1.1 404 Gone fishing~",
                "Status: 201~X-A: b~~ | HTTP/1.1 201 Created~X-A: b~",
                "Location: /elsewhere~~ | HTTP/1.1 302 Found~Location: /elsewhere~",
                "Status: 308~Location: /x~~ | HTTP/1.1 308 ~Location: /x~",
                "Content-Type: a/b~Connection: x~Transfer-Encoding: chunked~~hi | HTTP/1.1 200 OK~Content-Type: a/b~",
                "Set-Cookie: a=1~Set-Cookie: b=2~~ | HTTP/1.1 200 OK~Set-Cookie: a=1~Set-Cookie: b=2~",
            })
    void whatTheProgramSaysIsTheAnswer(String said, String expected) throws Exception {
        for (String end : new String[] {"\n", "\r\n"}) {
            Path own = Files.createTempDirectory(folder, "said");
            Files.writeString(own.resolve("said"), said.replace("~", end));
            try (ShimProcess shim = ShimProcess.program(own, "#!/bin/sh\ncat said\n", Map.of())) {
                String answer = shim.get("/");
                // Whether the program had ended when its answer was sent is chance.
                String framing = "(content-length: [0-9]+|transfer-encoding: chunked)\r\n";
                assertThat(answer).containsPattern(framing);
                assertThat(answer.replaceFirst(framing, ""))
                        .startsWith(expected.replace("~", "\r\n") + "connection: close\r\n\r\n");
            }
        }
    }

    @Test
    void anAnswerWithoutABodyHasNone() throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, NO_CONTENT, Map.of())) {
            assertThat(shim.get("/")).isEqualTo("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "=>",
            value = {
                "exit 3 => ended without an answer (exit code 3)",
                "kill -9 $$ => ended without an answer (signal 9, Killed)",
                "printf 'Content-Type: a/b\\n' => ended within the head of its answer (exit code 0)",
                "printf '\\nbody' => an empty head (expected: Content-Type, Status or Location)",
                "printf 'HTTP/1.1 200 OK\\n\\n' => line 1 of its head (expected: Name: value",
                "printf 'A: b\\nhello\\n\\n' => line 2 of its head (expected: Name: value",
                "printf 'A: b\\rc\\n\\n' => line 1 of its head (expected: Name: value",
                "printf 'Status: OK\\n\\n' => Status: 'OK' (expected: 200 to 599, and a text)",
                "printf 'Status: 101 Up\\n\\n' => Status: '101 Up' (expected: 200 to 599, and a text)",
                "printf 'Content-Length: x\\n\\n' => Content-Length: 'x' (expected: a number)",
                "printf 'Content-Length: 1\\nContent-Length: 2\\n\\n' => Content-Length: twice (expected: once)",
                "head -c 70000 /dev/zero | tr '\\0' a => a head of more than 65536 bytes",
                "i=0; while [ $i -lt 300 ]; do echo a: b; i=$((i+1)); done; echo => more than 256 header fields",
            })
    void aProgramThatDoesNotAnswerIsABadGatewayAndSaysWhy(String program, String why) throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, "#!/bin/sh\n" + program + "\n", Map.of())) {
            assertThat(shim.get("/")).startsWith("HTTP/1.1 502 Bad Gateway").contains(why);
            assertThat(shim.output()).contains("function './program': The function's program ");
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void anAnswerComesAsItIsWritten() throws Exception {
        String text = PLAIN + "echo one; while [ ! -e go ]; do sleep 0.01; done; echo two\n";
        try (ShimProcess shim = ShimProcess.program(folder, text, Map.of());
                SocketChannel channel = shim.open()) {
            send(channel, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            StringBuilder first = new StringBuilder();
            ByteBuffer some = ByteBuffer.allocate(1_000);
            while (first.indexOf("one\n") < 0) {
                assertThat(channel.read(some.clear())).isPositive();
                first.append(StandardCharsets.UTF_8.decode(some.flip()));
            }
            assertThat(first.toString()).startsWith("HTTP/1.1 200 OK\r\n").contains("transfer-encoding: chunked\r\n");
            Files.createFile(folder.resolve("go"));
            assertThat(ShimProcess.rest(channel)).endsWith("4\r\ntwo\n\r\n0\r\n\r\n");
        }
    }

    @Test
    void aLongAnswerWithoutALengthArrivesWhole() throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN + "head -c 20000000 /dev/zero\n", Map.of())) {
            assertThat(shim.get("/")).hasSizeGreaterThan(20_000_000).endsWith("\r\n0\r\n\r\n");
            assertThat(shim.ask("GET / HTTP/1.0\r\n\r\n"))
                    .contains("connection: close\r\n")
                    .doesNotContain("chunked")
                    .satisfies(answer -> assertThat(answer.length() - answer.indexOf("\r\n\r\n") - 4)
                            .isEqualTo(20_000_000));
        }
    }

    @Test
    void aProgramThatDiesInTheMiddleLeavesAnAnswerThatIsSeenToBeHalf() throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN + "echo half; kill -9 $$\n", Map.of())) {
            assertThat(shim.get("/")).doesNotContain("\r\n0\r\n\r\n");
            assertThat(shim.output()).contains("function './program': it ended with signal 9, Killed");
        }
    }

    @Test
    void aLengthThatIsNotKeptIsSaid() throws Exception {
        String text = "#!/bin/sh\nprintf 'Content-Length: 4\\n\\n%s' \"$QUERY_STRING\"\n";
        try (ShimProcess shim = ShimProcess.program(folder, text, Map.of())) {
            assertThat(shim.get("/?abcdef")).contains("content-length: 4\r\n").endsWith("\r\n\r\nabcd");
            assertThat(shim.output()).contains("it wrote more than its Content-Length; that is lost");
            assertThat(shim.get("/?ab")).endsWith("\r\n\r\nab");
            assertThat(shim.output()).contains("it wrote less than its Content-Length; the connection ends");
        }
    }

    @Test
    void standardErrorIsTheLog() throws Exception {
        String text = PLAIN + "echo to the log >&2\n";
        try (ShimProcess shim = ShimProcess.program(folder, text, Map.of())) {
            assertThat(shim.get("/")).startsWith("HTTP/1.1 200");
            assertThat(shim.output()).isEqualTo("to the log\n");
        }
    }

    /** The gateway waits for the end of the connection then: it is told when the program has gone. */
    @Test
    void anEndOfWhatIsSentEndsTheProgramAndThenTheConnection() throws Exception {
        String text = "#!/bin/sh\necho $$ >self; exec sleep 600\n";
        try (ShimProcess shim = ShimProcess.program(folder, text, Map.of());
                SocketChannel channel = shim.open()) {
            send(channel, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await("self");
            channel.shutdownOutput();
            assertThat(ShimProcess.rest(channel)).isEmpty();
            assertGone("self");
        }
    }

    @Test
    void aCallerThatLeavesEndsTheProgramAndWhatItStarted() throws Exception {
        String text = PLAIN + "sleep 600 & echo $! >child; echo $$ >self; wait\n";
        try (ShimProcess shim = ShimProcess.program(folder, text, Map.of())) {
            try (SocketChannel channel = shim.open()) {
                send(channel, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                channel.read(ByteBuffer.allocate(10));
                await("self");
            }
            assertGone("self");
            assertGone("child");
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void whatAProgramLeavesRunningEndsWithItsAnswer() throws Exception {
        String text = PLAIN + "sleep 600 & echo $! >child; echo done\n";
        try (ShimProcess shim = ShimProcess.program(folder, text, Map.of())) {
            assertThat(shim.get("/")).contains("done\n");
            assertGone("child");
        }
    }

    @Test
    void termEndsItAndWhatItRuns() throws Exception {
        for (String isolation : new String[] {"release", "request"}) {
            Path own = Files.createTempDirectory(folder, isolation);
            Map<String, String> env = Map.of("MAYFLY_ISOLATION", isolation);
            try (ShimProcess shim = ShimProcess.program(own, "#!/bin/sh\necho $$ >self; exec sleep 600\n", env);
                    SocketChannel channel = shim.open()) {
                send(channel, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                await(isolation, own.resolve("self"));
                shim.terminate();
                assertThat(shim.exitCode()).isEqualTo(143);
                assertGone(own.resolve("self"));
            }
        }
    }

    @Test
    void whatItRunsDoesNotOutliveItHoweverItEnds() throws Exception {
        ShimProcess shim = ShimProcess.program(folder, "#!/bin/sh\necho $$ >self; exec sleep 600\n", Map.of());
        try (shim;
                SocketChannel channel = shim.open()) {
            send(channel, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            await("self");
        }
        assertThat(shim.lives()).isFalse();
        assertGone("self");
    }

    @Test
    void itListensAtAPathToo() throws Exception {
        Path socket = folder.resolve("own.sock");
        Map<String, String> env = Map.of("MAYFLY_SOCKET", socket.toString());
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN + "echo here\n", env);
                SocketChannel channel = connected(shim, socket)) {
            send(channel, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(ShimProcess.rest(channel)).startsWith("HTTP/1.1 200").contains("here\n");
        }
    }

    /** A connection, as soon as the shim listens there. */
    private static SocketChannel connected(ShimProcess shim, Path socket) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                assertThat(shim.lives() && System.nanoTime() < deadline).isTrue();
                Thread.sleep(5);
            }
        }
    }

    @Test
    void itIsReadyIfTheProgramIsThereAndCanBeRun() throws Exception {
        Files.writeString(folder.resolve("plain"), "text");
        Files.writeString(folder.resolve("text"), "text");
        Files.writeString(folder.resolve("dos"), "#!/bin/sh\r\necho\r\n");
        Files.writeString(folder.resolve("nosuch"), "#!/nosuch/interpreter -x\n");
        for (String each : List.of("text", "dos", "nosuch")) {
            assertThat(folder.resolve(each).toFile().setExecutable(true)).isTrue();
        }
        Map<String, String> reasons = Map.of(
                "./missing", "./missing: No such file or directory (expected: the program that function.target",
                "./plain", "./plain: not executable (expected: a file with the executable bit",
                "./text", "./text: no program (expected: a binary of this machine, or a script that begins with #!)",
                "./dos", "/bin/sh\\r cannot be run (expected: a program, and lines that end with LF alone)",
                "./nosuch", "./nosuch: its interpreter /nosuch/interpreter cannot be run");
        for (var reason : reasons.entrySet()) {
            Files.deleteIfExists(folder.resolve("fn.sock"));
            try (ShimProcess shim = ShimProcess.program(folder, List.of(reason.getKey()), Map.of())) {
                assertThat(shim.ready()).startsWith("HTTP/1.1 500").contains(reason.getValue());
            }
        }
    }

    @Test
    void aTargetThatIsNoneIsRefused() throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN + "echo $PATH_INFO\n", Map.of())) {
            assertThat(shim.get("/a%00b")).startsWith("HTTP/1.1 400").contains("%00");
            assertThat(shim.get("a")).startsWith("HTTP/1.1 400").contains("expected: a path that begins with /");
            assertThat(shim.get("http://y/a%2fb?c")).startsWith("HTTP/1.1 200").contains("/a/b\n");
            assertThat(shim.get("/100%/%zz")).startsWith("HTTP/1.1 200").contains("/100%/%zz\n");
        }
    }

    @Test
    void connectionsHaveABound() throws Exception {
        try (ShimProcess shim = ShimProcess.program(folder, PLAIN, Map.of())) {
            List<SocketChannel> open = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    open.add(shim.open());
                }
                assertThat(shim.get("/"))
                        .startsWith("HTTP/1.1 503")
                        .contains("This instance has as many connections as it can.");
            } finally {
                for (SocketChannel each : open) {
                    each.close();
                }
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!shim.get("/").startsWith("HTTP/1.1 200")) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    private static List<String> variables(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200");
        return answer.lines().toList();
    }

    private void await(String file) throws Exception {
        await(file, folder.resolve(file));
    }

    private static void await(String what, Path file) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (Files.notExists(file) || Files.readString(file).isBlank()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private void assertGone(String file) throws Exception {
        assertGone(folder.resolve(file));
    }

    /** The process whose number is in the file ends soon. */
    private static void assertGone(Path file) throws Exception {
        Path process = Path.of("/proc", Files.readString(file).strip(), "status");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (runs(process)) {
            assertThat(System.nanoTime()).as(file.toString()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private static boolean runs(Path status) {
        try {
            return !Files.readString(status).contains("State:\tZ");
        } catch (IOException e) {
            return false;
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
