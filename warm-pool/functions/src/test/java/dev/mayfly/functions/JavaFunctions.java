package dev.mayfly.functions;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/** Some of the functions of main.py, called by the Java shim. */
public final class JavaFunctions {
    private JavaFunctions() {}

    /** The class of a function. */
    static String named(String target) {
        return JavaFunctions.class.getName() + "$" + Character.toUpperCase(target.charAt(0)) + target.substring(1);
    }

    /** Where the functions' classes are. */
    static String folder() {
        return Path.of("target/test-classes").toAbsolutePath().toString();
    }

    private static String query(Map<String, Object> request, String name) {
        Object value = ((Map<?, ?>) request.getOrDefault("query", Map.of())).get(name);
        return value == null ? "" : String.valueOf(value);
    }

    /** Greets, or fails. */
    public static final class Greet implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            if (query(request, "name").equals("fail")) {
                throw new IllegalStateException("as asked");
            }
            return "Hello, " + query(request, "name");
        }
    }

    /** What it was sent. */
    public static final class Echo implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            Object body = request.get("body");
            Object many = ((Map<?, ?>) request.getOrDefault("headers", Map.of())).get("x-many");
            return "{\"method\": \"" + request.get("method") + "\", \"path\": \"" + request.get("path")
                    + "\", \"bytes\": " + (body instanceof byte[] bytes ? bytes.length : -1) + ", \"many\": \"" + many
                    + "\"}";
        }
    }

    /** Counts calls. */
    public static final class Count implements Function<Map<String, Object>, Object> {
        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public Object apply(Map<String, Object> request) {
            int call = calls.incrementAndGet();
            System.out.println("call " + call);
            return String.valueOf(call);
        }
    }

    /** As many bytes as are asked for. */
    public static final class Large implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            return "x".repeat(Integer.parseInt(query(request, "bytes")));
        }
    }

    /** Takes its time. */
    public static final class Sleep implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            System.out.println("asleep");
            sleep((long) (1_000 * Double.parseDouble(query(request, "seconds"))));
            return "slept";
        }
    }

    /** Leaves a thread behind that nothing ends. */
    public static final class Background implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            Thread thread = new Thread(() -> sleep(600_000));
            thread.start();
            return "answered";
        }
    }

    /** A header that is none. */
    public static final class Headers implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            return Map.of("body", "", "headers", Map.of("a b", "c"));
        }
    }

    /** What it sees of its process. */
    public static final class Facts implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            try {
                Map<String, Object> found = new LinkedHashMap<>();
                found.put("cwd", System.getProperty("user.dir"));
                found.put("relative", read(Path.of("own.txt")));
                found.put("home", System.getProperty("user.home"));
                found.put("pid", ProcessHandle.current().pid());
                found.put("zone", TimeZone.getDefault().getID());
                found.put("random", ThreadLocalRandom.current().nextLong());
                found.put("math", Math.random());
                found.put("secure", new SecureRandom().nextLong());
                found.put("uuid", UUID.randomUUID());
                for (String name : query(request, "env").split(",", -1)) {
                    found.put("env." + name, System.getenv(name));
                    found.put("native." + name, inherited(name));
                }
                found.put("control", held(query(request, "control")));
                if (!query(request, "module").isEmpty()) {
                    found.put("module", resource(Facts.class.getClassLoader(), query(request, "module")));
                    found.put("system.own.txt", resource(ClassLoader.getSystemClassLoader(), "own.txt"));
                }
                StringBuilder text = new StringBuilder();
                found.forEach((name, value) -> text.append(name + "=" + value + "\n"));
                return text.toString();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private static String read(Path path) throws IOException {
            return Files.exists(path) ? Files.readString(path) : "none";
        }

        private static String resource(ClassLoader loader, String name) throws IOException {
            try (InputStream in = Objects.requireNonNull(loader.getResourceAsStream(name), name)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }

        /** What a program that it starts sees. */
        private static String inherited(String name) throws IOException, InterruptedException {
            if (name.isEmpty()) {
                return "none";
            }
            Process process = new ProcessBuilder("sh", "-c", "printf %s \"${" + name + "-none}\"").start();
            String value = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return value;
        }

        private static String held(String inode) throws IOException {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                List<String> targets = all.map(Facts::target).toList();
                return targets.contains("socket:[" + inode + "]") ? "open" : "closed";
            }
        }

        private static String target(Path link) {
            try {
                return Files.readSymbolicLink(link).toString();
            } catch (IOException e) {
                return "gone";
            }
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
