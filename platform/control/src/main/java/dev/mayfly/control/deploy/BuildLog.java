package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TerminalText;
import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Output of one build: to who waits, to the build's log, to who looks. Also counts the time of its phases. */
final class BuildLog implements BuildOutput, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BuildLog.class);
    private static final long BYTES_MAX = 8L * 1024 * 1024;

    private final AppRef app;
    private final String id;
    private final BuildOutput caller;
    private final LiveEvents events;
    private final BufferedWriter file;
    private final Map<String, Long> phases = new LinkedHashMap<>();
    private @Nullable String phase;
    private long phaseSince;
    private long bytes;
    private boolean closed;

    BuildLog(AppRef app, String id, Path file, BuildOutput caller, LiveEvents events) {
        this.app = app;
        this.id = id;
        this.caller = caller;
        this.events = events;
        this.file = open(id, file);
    }

    private static BufferedWriter open(String id, Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            // Not a channel: an interrupt of the thread that writes would close it.
            return new BufferedWriter(
                    new OutputStreamWriter(new FileOutputStream(file.toFile()), StandardCharsets.UTF_8));
        } catch (IOException e) {
            log.atWarn().addKeyValue("build", id).setCause(e).log("Build log could not be opened");
            return new BufferedWriter(Writer.nullWriter());
        }
    }

    /** What still comes when it is over (an instance's watcher, say) is not the build's any more. */
    @Override
    public synchronized void line(String raw) {
        if (closed) {
            return;
        }
        String line = TerminalText.safe(raw); // Names of a tenant's files are in it, and what its build printed.
        caller.line(line);
        events.publish(app, new LiveEvent.BuildLinePrinted(id, line));
        if (bytes <= BYTES_MAX) {
            bytes += line.length() + 1L;
            write(bytes <= BYTES_MAX ? line : " !     The rest is not kept: the log is full.");
        }
    }

    /** A log that cannot be written, on a full disk say, keeps nobody from deploying. */
    private void write(String line) {
        try {
            file.write(line);
            file.newLine();
            file.flush();
        } catch (IOException e) {
            bytes = BYTES_MAX + 1;
            log.atWarn().addKeyValue("build", id).setCause(e).log("Build log could not be written");
        }
    }

    @Override
    public synchronized void phase(String name) {
        endPhase();
        phase = name;
        phaseSince = System.nanoTime();
        events.publish(app, new LiveEvent.BuildPhaseBegun(id, name));
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
            log.atWarn().addKeyValue("build", id).setCause(e).log("Build log could not be closed");
        }
    }
}
