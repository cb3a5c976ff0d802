package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.control.live.Live;
import dev.mayfly.model.AppRef;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Output of one build: to who waits, to the build's log, to who looks. Also counts the time of its phases. */
final class BuildLog implements BuildOutput, AutoCloseable {
    private static final long BYTES_MAX = 8L * 1024 * 1024;

    private final AppRef app;
    private final String id;
    private final BuildOutput caller;
    private final Live live;
    private final BufferedWriter file;
    private final Map<String, Long> phases = new LinkedHashMap<>();
    private @Nullable String phase;
    private long phaseSince;
    private long bytes;
    private boolean closed;

    BuildLog(AppRef app, String id, Path file, BuildOutput caller, Live live) throws IOException {
        this.app = app;
        this.id = id;
        this.caller = caller;
        this.live = live;
        Files.createDirectories(file.toAbsolutePath().getParent());
        this.file = Files.newBufferedWriter(file);
    }

    /** What still comes when it is over (an instance's watcher, say) is not the build's any more. */
    @Override
    public synchronized void line(String line) {
        if (closed) {
            return;
        }
        caller.line(line);
        live.buildLine(app, id, line);
        bytes += line.length() + 1L;
        if (bytes > BYTES_MAX) {
            return;
        }
        try {
            file.write(line);
            file.newLine();
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void phase(String name) {
        endPhase();
        phase = name;
        phaseSince = System.nanoTime();
        live.buildPhase(app, id, name);
    }

    /** Milliseconds by phase, in order. */
    synchronized Map<String, Long> phases() {
        endPhase();
        return new LinkedHashMap<>(phases);
    }

    private void endPhase() {
        if (phase != null) {
            phases.merge(phase, (System.nanoTime() - phaseSince) / 1_000_000, Long::sum);
            phase = null;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
