package dev.mayfly.bench.faults;

import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Whom {@code kill -9} can hit on a server's machine. Always by the id of a process that is that server's. */
public enum Victims {
    SERVER {
        @Override
        List<ProcessHandle> candidates(TestServer server, Traces traces) throws IOException {
            return ProcessHandle.of(server.pid()).stream().toList();
        }
    },
    /** The process that makes the sandboxes, where the runtime class has one. */
    LAUNCHER {
        @Override
        List<ProcessHandle> candidates(TestServer server, Traces traces) throws IOException {
            return ProcessHandle.of(server.pid()).stream()
                    .flatMap(ProcessHandle::children)
                    .filter(Traces::isLauncher)
                    .limit(1)
                    .toList();
        }
    },
    /** Any process in a sandbox. */
    INSTANCE {
        @Override
        List<ProcessHandle> candidates(TestServer server, Traces traces) {
            return traces.sandboxed();
        }
    };

    abstract List<ProcessHandle> candidates(TestServer server, Traces traces) throws IOException;

    /** Kills one and waits until it is gone; false if there is nobody. */
    boolean kill(TestServer server, Traces traces, Random random) throws IOException, InterruptedException {
        List<ProcessHandle> candidates = candidates(server, traces);
        if (candidates.isEmpty()) {
            return false;
        }
        ProcessHandle victim = candidates.get(random.nextInt(candidates.size()));
        victim.destroyForcibly();
        for (long begin = System.nanoTime(); runs(victim); Thread.sleep(1)) {
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(30)) {
                throw new IOException("process " + victim.pid() + " survives kill -9");
            }
        }
        return true;
    }

    /** Not dead and waiting for its parent to notice, which may take that one a second. */
    private static boolean runs(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
            return process.isAlive()
                    && !stat.substring(stat.lastIndexOf(')') + 1).startsWith(" Z");
        } catch (IOException e) {
            return false;
        }
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
