package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.functions.language.FunctionLanguage;
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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A shim as instances run it: a process of the language, a listening unix socket as its standard input. */
final class ShimProcess implements AutoCloseable {
    static final String PYTHON = "python";
    static final String NODE = "node";
    static final String JAVA = "java";
    static final String CGI = "cgi";

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Path folder;
    private final String language;
    private final Process process;
    private final SocketChannel control;

    private ShimProcess(Path folder, String language, Process process, SocketChannel control) {
        this.folder = folder;
        this.language = language;
        this.process = process;
        this.control = control;
    }

    /** Starts it with its function. */
    static ShimProcess bound(Path folder, String language, String target, String signature, Map<String, String> more)
            throws Exception {
        prepare(folder, language);
        List<String> command = new ArrayList<>(interpreter(folder, language));
        command.addAll(arguments(language, target, signature));
        Map<String, String> env = environment();
        env.put("MAYFLY_SOCKET", "fd:0");
        env.putAll(more);
        Process process = launch(folder, "-", command, env);
        return new ShimProcess(folder, language, process, SocketChannel.open(StandardProtocolFamily.UNIX));
    }

    /** Starts the shim for programs with this one: what it is comes from its first line. */
    static ShimProcess program(Path folder, String text, Map<String, String> more) throws Exception {
        Files.writeString(folder.resolve("program"), text);
        assertThat(folder.resolve("program").toFile().setExecutable(true)).isTrue();
        return program(folder, List.of("./program"), more);
    }

    /** Starts this build of the shim for programs. */
    static ShimProcess program(Path folder, Path shim, String text) throws Exception {
        Files.createDirectories(folder.resolve("shim"));
        Files.copy(shim, folder.resolve("shim/mayfly-cgi"), StandardCopyOption.COPY_ATTRIBUTES);
        return program(folder, text, Map.of());
    }

    /** Starts the shim for programs with these arguments. */
    static ShimProcess program(Path folder, List<String> arguments, Map<String, String> more) throws Exception {
        prepare(folder, CGI);
        List<String> command = new ArrayList<>(interpreter(folder, CGI));
        command.addAll(arguments);
        Map<String, String> env = environment();
        env.put("MAYFLY_SOCKET", "fd:0");
        env.putAll(more);
        Process process = launch(folder, "-", command, env);
        return new ShimProcess(folder, CGI, process, SocketChannel.open(StandardProtocolFamily.UNIX));
    }

    /** Starts it without one. */
    static ShimProcess generic(Path folder, String language, Map<String, String> more) throws Exception {
        prepare(folder, language);
        List<String> command = new ArrayList<>(interpreter(folder, language));
        command.add("--generic");
        Map<String, String> env = environment();
        env.putAll(more);
        Process process = launch(folder, folder.resolve("control.sock").toString(), command, env);
        return new ShimProcess(folder, language, process, connect(process, folder.resolve("control.sock")));
    }

    /** Sends the message that binds it and says whether the shim then closed its end. */
    void bind(String target, Map<String, String> more) throws IOException {
        bind(arguments(language, target, "http"), more);
    }

    /** The same with these arguments. */
    void bind(List<String> arguments, Map<String, String> more) throws IOException {
        Map<String, String> env = environment();
        env.put("MAYFLY_SOCKET", "fd:0");
        env.putAll(more);
        String members = env.entrySet().stream()
                .map(each -> quote(each.getKey()) + ": " + quote(each.getValue()))
                .collect(Collectors.joining(", "));
        String argv = arguments.stream().map(ShimProcess::quote).collect(Collectors.joining(", "));
        tell("{\"argv\": [" + argv + "], \"env\": {" + members + "}, \"cwd\": " + quote(folder.toString()) + "}");
    }

    /** Sends these bytes and the end of the file. */
    void tell(String message) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            control.write(bytes);
        }
        control.shutdownOutput();
    }

    /** Waits until the shim has closed its end of the control socket. */
    boolean controlEnds() throws IOException {
        return control.read(ByteBuffer.allocate(1)) < 0;
    }

    /** The inode of the control socket's far end. */
    String controlInode() throws IOException {
        return output().lines().findFirst().orElseThrow().substring("control=".length());
    }

    String ready() throws Exception {
        return ask("GET /_mayfly/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    String get(String target) throws Exception {
        return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    /** Everything that comes back until the shim closes the connection. */
    String ask(String request) throws Exception {
        try (SocketChannel channel = open()) {
            try {
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                // It has answered without asking and gone; what it said is here.
            }
            return rest(channel);
        }
    }

    /** Sends this and no more, and waits for whatever comes. */
    void tellOnly(String request) throws Exception {
        try (SocketChannel channel = open()) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
            channel.shutdownOutput();
            rest(channel);
        }
    }

    SocketChannel open() throws Exception {
        return connect(process, folder.resolve("fn.sock"));
    }

    static String rest(SocketChannel channel) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            Channels.newInputStream(channel).transferTo(answer);
        } catch (IOException e) {
            // The shim closed it with bytes of ours unread; what it said is here.
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    /** Waits for its end. */
    int exitCode() throws Exception {
        assertThat(process.waitFor(LIMIT_NANOS, TimeUnit.NANOSECONDS))
                .as(output())
                .isTrue();
        return process.exitValue();
    }

    /** Tells it to end, as the pool does. */
    void terminate() {
        process.destroy();
    }

    boolean lives() {
        return process.isAlive();
    }

    String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }

    /** Waits until it has printed this. */
    void awaitOutput(String text) throws Exception {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!output().contains(text)) {
            assertThat(System.nanoTime()).as(output()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        control.close();
    }

    /** What an answer's body says, line by line: name=value. */
    static Map<String, String> facts(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200");
        return answer.substring(answer.indexOf("\r\n\r\n") + 4)
                .lines()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (one, other) -> one, TreeMap::new));
    }

    private static List<String> interpreter(Path folder, String language) {
        return switch (language) {
            case NODE -> List.of("node", folder.resolve("shim/shim.mjs").toString());
            case PYTHON -> List.of("python3", folder.resolve("shim/shim.py").toString());
            case CGI -> List.of(folder.resolve("shim/mayfly-cgi").toString());
            default ->
                List.of(
                        System.getProperty("shim.java.home", System.getProperty("java.home")) + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        folder.resolve("shim/shim.jar").toString());
        };
    }

    private static List<String> arguments(String language, String target, String signature) {
        return switch (language) {
            case NODE -> List.of("index.mjs", target, signature);
            case PYTHON -> List.of("main.py", target, signature);
            case CGI -> List.of("./main.cgi", target);
            default -> List.of(JavaFunctions.folder(), JavaFunctions.named(target), signature);
        };
    }

    private static Map<String, String> environment() {
        Map<String, String> env = new TreeMap<>();
        env.put("PATH", Objects.requireNonNull(System.getenv("PATH")));
        env.put("HOME", "/tmp");
        env.put("LANG", "C.UTF-8");
        return env;
    }

    private static FunctionLanguage named(String name) {
        return FunctionLanguages.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void prepare(Path folder, String language) throws IOException {
        Path shim = Files.createDirectories(folder.resolve("shim"));
        try (Stream<Path> before = Files.list(shim)) {
            if (before.findAny().isEmpty()) {
                named(language).writeShim(shim);
            }
        }
        for (String each : List.of("main.py", "index.mjs", "main.cgi")) {
            Files.copy(
                    Path.of("src/test/resources/functions", each),
                    folder.resolve(each),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(folder.resolve("main.cgi").toFile().setExecutable(true)).isTrue();
    }

    private static Process launch(Path folder, String control, Collection<String> command, Map<String, String> env)
            throws IOException {
        List<String> all = new ArrayList<>(List.of("python3"));
        all.add(Path.of("src/test/resources/bindable.py").toAbsolutePath().toString());
        all.add(folder.resolve("fn.sock").toString());
        all.add(control);
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.directory(folder.toFile())
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().clear();
        builder.environment().putAll(env);
        return builder.start();
    }

    private static SocketChannel connect(Process process, Path socket) throws Exception {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (Files.notExists(socket)) {
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as("%s appears", socket)
                    .isTrue();
            Thread.sleep(5);
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
