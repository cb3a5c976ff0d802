package dev.mayfly.pool.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shims as instances run them: a process of the language, HTTP over a unix socket. */
final class ShimIT {
    @TempDir
    Path folder;

    private List<Process> started = List.of();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process each : started) {
            each.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void aPlainHandlerIsCalled(String language) throws Exception {
        start(language, "greet", "http");
        assertThat(ready()).startsWith("HTTP/1.1 200");
        String answer = ask("GET /?name=a%20b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("Hello, a b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void whatCannotBeLoadedSaysWhy(String language) throws Exception {
        start(language, "nosuch", "http");
        assertThat(ready()).startsWith("HTTP/1.1 500").contains("nosuch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void aFunctionThatFailsAnswers500AndGoesOn(String language) throws Exception {
        start(language, "greet", "http");
        ready();
        assertThat(ask("GET /?name=fail HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 500");
        assertThat(ask("GET /?name=on HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .endsWith("Hello, on");
    }

    @Test
    void javaKeepsConnectionsAndReadsChunks() throws Exception {
        start("java", "greet", "http");
        ready();
        String chunked = "POST /?name=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        String plain = "GET /?name=2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        String answers = ask(chunked.concat(plain));
        assertThat(answers).contains("Hello, 1").endsWith("Hello, 2");
    }

    /** Called by the Java shim. */
    public static final class Greet implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            Object name = ((Map<?, ?>) request.getOrDefault("query", Map.of())).get("name");
            if ("fail".equals(name)) {
                throw new IllegalStateException("as asked");
            }
            return "Hello, " + name;
        }
    }

    private void start(String language, String target, String signature) throws IOException {
        List<String> command = switch (language) {
            case "node" -> {
                Shims.writeNode(folder);
                Path source = Files.writeString(folder.resolve("index.mjs"), """
                        export function greet(request) {
                          const name = new URL(request.url).searchParams.get('name');
                          if (name === 'fail') throw new Error('as asked');
                          return `Hello, ${name}`;
                        }
                        """);
                yield List.of("node", folder.resolve("shim.mjs").toString(), source.toString(), target, signature);
            }
            case "python" -> {
                Shims.writePython(folder);
                Path source = Files.writeString(folder.resolve("main.py"), """
                        def greet(request):
                            name = request.query['name']
                            if name == 'fail':
                                raise ValueError('as asked')
                            return f'Hello, {name}'
                        """);
                yield List.of("python3", folder.resolve("shim.py").toString(), source.toString(), target, signature);
            }
            default ->
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        "target/classes:target/test-classes",
                        "dev.mayfly.pool.contracts.java.Shim",
                        target.equals("greet") ? Greet.class.getName() : target,
                        signature);
        };
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("MAYFLY_SOCKET", socket().toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        started = List.of(builder.start());
    }

    private Path socket() {
        return folder.resolve("fn.sock");
    }

    private String ready() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                return ask("GET /_mayfly/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            } catch (IOException e) {
                assertThat(System.nanoTime() - deadline)
                        .as(Files.readString(folder.resolve("output")))
                        .isNegative();
                Thread.sleep(20);
            }
        }
    }

    private String ask(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket()));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
