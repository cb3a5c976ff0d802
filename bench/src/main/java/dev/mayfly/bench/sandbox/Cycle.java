package dev.mayfly.bench.sandbox;

import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The whole life of one sandbox: made, run to the end, reaped. Anything but a clean life is an error. */
public final class Cycle {
    private static final int LIMIT_SECONDS = 60;

    private Cycle() {}

    static void run(SandboxRuntime runtime, SandboxSpec spec) throws IOException, InterruptedException {
        Sandbox sandbox = runtime.start(spec);
        SandboxExit exit;
        try {
            exit = await(sandbox);
        } catch (IOException | InterruptedException e) {
            sandbox.destroy();
            throw e;
        }
        reap(sandbox);
        if (exit.code() != 0) {
            throw new IOException(spec + " ended: " + exit.describe() + " (expected: exit code 0)");
        }
    }

    static SandboxExit await(Sandbox sandbox) throws IOException, InterruptedException {
        try {
            return sandbox.exit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("sandbox " + sandbox.id() + " did not end in " + LIMIT_SECONDS + " s", e);
        }
    }

    static void reap(Sandbox sandbox) throws IOException, InterruptedException {
        List<String> left = sandbox.destroy();
        if (!left.isEmpty()) {
            throw new IOException("sandbox " + sandbox.id() + " left behind: " + left);
        }
    }
}
