package dev.mayfly.bench.sandbox;

import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of {@code work.c}, on the bare host or in a sandbox: the figures that it printed, higher is better. */
public final class Work {
    private static final int LIMIT_SECONDS = 120;

    private Work() {}

    static Map<String, Double> onHost(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var reader = process.inputReader()) {
            List<String> lines = reader.lines().toList();
            if (process.waitFor() != 0) {
                throw new IOException(command + " ended with " + process.exitValue() + ": " + lines);
            }
            return figures(lines);
        } finally {
            process.destroyForcibly();
        }
    }

    static Map<String, Double> inside(
            SandboxRuntime runtime, Workload workload, List<String> command, List<SandboxSpec.Mount> mounts)
            throws IOException, InterruptedException {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox sandbox = runtime.start(workload.spec(command, Map.of(), mounts, (_, line) -> lines.add(line)));
        try {
            SandboxExit exit = Cycle.await(sandbox);
            if (exit.code() != 0) {
                throw new IOException(command + " ended: " + exit.describe() + " " + lines);
            }
            return figures(lines);
        } finally {
            Cycle.reap(sandbox);
        }
    }

    /** Serves in the sandbox and asks from the host, as the gateway does; nothing if it has no address of its own. */
    static Optional<Map<String, Double>> acrossNetwork(
            SandboxRuntime runtime, Workload workload, int port, Client client)
            throws IOException, InterruptedException {
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        Sandbox sandbox = runtime.start(workload.spec(
                List.of("/bin/work", "serve", String.valueOf(port)),
                Map.of(),
                List.of(),
                (_, line) -> ready.complete(line.equals("ready"))));
        try {
            sandbox.exit().thenAccept(_ -> ready.complete(false));
            if (!ready.get(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the server in the sandbox did not get ready");
            }
            return sandbox.address().isEmpty()
                    ? Optional.empty()
                    : Optional.of(client.measure(sandbox.address().get()));
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the server in the sandbox did not get ready", e);
        } finally {
            Cycle.reap(sandbox);
        }
    }

    /** Asks the server at an address. */
    interface Client {
        Map<String, Double> measure(String address) throws IOException, InterruptedException;
    }

    private static Map<String, Double> figures(List<String> lines) throws IOException {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String line : lines) {
            String[] parts = line.split(" ", 2);
            try {
                figures.put(parts[0], Double.parseDouble(parts[1]));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException("printed '" + line + "' (expected: a name and a figure)", e);
            }
        }
        return figures;
    }
}
