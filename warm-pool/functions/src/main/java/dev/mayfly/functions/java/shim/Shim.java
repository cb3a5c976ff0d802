package dev.mayfly.functions.java.shim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Turns HTTP into calls of one function: {@code java -jar shim.jar CLASSPATH CLASS SIGNATURE}, or {@code … --generic}.
 * {@code … --rehearse} does what a generic start does and ends: Java can learn from that what to keep ready for the next.
 */
public final class Shim {
    private static final int CONTROL = 3;

    private Shim() {}

    public static void main(String[] args) throws InterruptedException {
        try {
            if (args.length == 1 && args[0].equals("--generic")) {
                generic();
            } else if (args.length == 1 && args[0].equals("--rehearse")) {
                ahead();
                end();
            } else {
                bound(List.of(args));
            }
        } catch (IOException | ReflectiveOperationException | BoundFunction.Wrong | LinkageError e) {
            fail(e instanceof BoundFunction.Wrong ? String.valueOf(e.getMessage()) : e.toString());
        }
    }

    private static void bound(List<String> arguments)
            throws IOException, ReflectiveOperationException, InterruptedException {
        Map<String, String> environment = System.getenv();
        boolean once = once(environment);
        Loaded function = load(arguments);
        ShimServer server = ShimServer.open(
                environment.getOrDefault("MAYFLY_SOCKET", ""), environment.getOrDefault("PORT", "8080"));
        serve(server, function, once);
    }

    private static void generic()
            throws IOException, ReflectiveOperationException, InterruptedException, BoundFunction.Wrong {
        Map<String, String> before = ahead();
        boolean once = once(before);
        ShimServer server = ShimServer.inherited();
        OwnProcess.leaveInput();
        System.out.println("generic"); // Whoever started us knows by it that all is done that can be done ahead.
        Optional<BoundFunction> binding = BoundFunction.await(CONTROL);
        if (binding.isEmpty()) {
            end();
            return;
        }
        binding.get().adopt(before);
        Loaded function = load(binding.get().arguments());
        serve(server, function, once(binding.get().environment()) || once);
    }

    /** All that can be done without a function. Returns the environment, which Java has not copied yet. */
    private static Map<String, String> ahead() throws IOException, ReflectiveOperationException, BoundFunction.Wrong {
        Path jar = Path.of(Objects.requireNonNull(System.getProperty("java.class.path")));
        OwnProcess.open(Objects.requireNonNull(jar.toAbsolutePath().getParent()));
        Rehearsal.run();
        return OwnProcess.firstEnvironment();
    }

    private static Loaded load(List<String> arguments) throws ReflectiveOperationException {
        if (arguments.size() != 3) {
            fail("arguments: " + arguments + " (expected: class path, class, signature)");
        }
        ClassPath.add(arguments.get(0));
        return Loaded.load(arguments.get(1), arguments.get(2));
    }

    private static void serve(ShimServer server, Loaded function, boolean once) throws InterruptedException {
        server.serve(function, once ? Turns.once(Shim::end) : Turns.many());
    }

    /** Whether this process answers one request and no more. */
    private static boolean once(Map<String, String> environment) {
        String wanted = environment.getOrDefault("MAYFLY_ISOLATION", "release");
        if (!wanted.equals("request") && !wanted.equals("release")) {
            fail("MAYFLY_ISOLATION: '" + wanted + "' (expected: request or release)");
        }
        return wanted.equals("request");
    }

    private static void fail(String why) {
        System.err.println(why);
        Runtime.getRuntime().halt(1);
    }

    /** What the function left running is not waited for. */
    private static void end() {
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(0);
    }
}
