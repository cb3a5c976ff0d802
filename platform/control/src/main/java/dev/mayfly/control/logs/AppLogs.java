package dev.mayfly.control.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.model.AppRef;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import io.vertx.core.json.jackson.VertxModule;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs of apps: JSON lines in {@code <tenant>/<app>/app.log}, 5 MiB and one older file of the same size. Written by one thread
 * from a queue; what does not fit into the queue is dropped and counted, so that a chatty app slows nobody.
 */
public final class AppLogs implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AppLogs.class);
    private static final int QUEUE_MAX = 20_000;
    /** Of all lines in the queue: some programs print long ones. */
    private static final long QUEUE_CHARS_MAX = 32L * 1024 * 1024;

    private static final Duration END_LIMIT = Duration.ofSeconds(2);
    private static final int BATCH_MAX = 1_000;
    private static final long FILE_BYTES_MAX = 5L * 1024 * 1024;
    /** How much is gathered for one write: small beside a file's bound, large beside a line. */
    private static final int WRITE_CHARS_MAX = 256 * 1024;

    private static final Set<StandardOpenOption> APPENDED =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE);
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int LINES_MAX = 1_500;
    /** Of what is told at once: an app that prints long lines gets fewer. */
    private static final int TOLD_CHARS_MAX = 1024 * 1024;

    private static final List<String> FILES = List.of("app.log.1", "app.log");
    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new VertxModule());

    /** What the writer is to do, in this order. */
    private sealed interface Entry {}

    private record Line(AppRef app, LogLine line) implements Entry {
        int chars() {
            return line.line().length();
        }
    }

    private record Deletion(AppRef app, CompletableFuture<Void> done) implements Entry {}

    private final Path folder;
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final Supervised writer;
    private final List<Entry> batch = new ArrayList<>();
    private final AtomicLong queuedChars = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    /** @param health learns whether lines are written */
    public AppLogs(Path folder, Health health) {
        this.folder = folder;
        this.writer = health.loop(Part.SIGHT, "app-logs", this::writeSome);
    }

    /** Keeps a line. Returns at once. */
    public void append(AppRef app, LogLine line) {
        if (!offer(new Line(app, line)) && dropped.getAndIncrement() % QUEUE_MAX == 0) {
            log.atWarn().addKeyValue("app", app).addKeyValue("dropped", dropped).log("Log lines are dropped");
        }
    }

    private boolean offer(Line line) {
        boolean fits = queuedChars.addAndGet(line.chars()) <= QUEUE_CHARS_MAX && queue.offer(line);
        if (!fits) {
            queuedChars.addAndGet(-line.chars());
        }
        return fits;
    }

    /** Characters of lines that wait to be written. */
    long waitingChars() {
        return queuedChars.get();
    }

    /** Takes what waits into the batch, some of it. */
    private void drain() {
        queue.drainTo(batch, BATCH_MAX);
        batch.forEach(each -> queuedChars.addAndGet(each instanceof Line line ? -line.chars() : 0));
    }

    /** The last lines, oldest first; at most 1,500, and no more than a million characters of the file. */
    public List<LogLine> tail(AppRef app, int lines) throws IOException {
        int wanted = Math.clamp(lines, 1, LINES_MAX);
        Deque<String> last = new ArrayDeque<>();
        long chars = 0;
        for (String name : FILES) {
            Path file = of(app).resolve(name);
            if (Files.notExists(file)) {
                continue;
            }
            // Not Files.lines: a character that a crash cut in two must not hide the rest.
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
                for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                    last.add(text);
                    chars += text.length();
                    while (last.size() > wanted || chars > TOLD_CHARS_MAX) {
                        chars -= last.remove().length();
                    }
                }
            }
        }
        return last.stream().map(AppLogs::parse).toList();
    }

    /** Deletes what is kept of an app, what still waits to be written too. */
    public void delete(AppRef app) throws InterruptedException {
        Deletion deletion = new Deletion(app, new CompletableFuture<>());
        queue.put(deletion);
        try {
            deletion.done.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.atWarn().addKeyValue("app", app).setCause(e).log("Logs could not be deleted");
        }
    }

    private void deleteNow(Deletion deletion) {
        try {
            for (String name : FILES) {
                Files.deleteIfExists(of(deletion.app).resolve(name));
            }
            Files.deleteIfExists(of(deletion.app));
            deletion.done.complete(null);
        } catch (IOException | RuntimeException | Error e) {
            deletion.done.completeExceptionally(e);
        }
    }

    private void writeSome() throws InterruptedException {
        batch.clear(); // What a turn that failed has left: it may be what it failed of.
        Entry first = queue.poll(200, TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            drain();
            writeBatch();
        }
    }

    private void writeBatch() {
        Map<AppRef, StringBuilder> texts = new HashMap<>();
        for (Entry each : batch) {
            switch (each) {
                case Line line -> {
                    StringBuilder text = texts.computeIfAbsent(line.app, _ -> new StringBuilder());
                    text.append(json(line.line)).append('\n');
                    if (text.length() > WRITE_CHARS_MAX) {
                        write(line.app, text);
                        texts.remove(line.app);
                    }
                }
                case Deletion deletion -> {
                    texts.remove(deletion.app);
                    deleteNow(deletion);
                }
            }
        }
        texts.forEach(this::write);
    }

    private static String json(LogLine line) {
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lines are JSON", e);
        }
    }

    /** Appends to the app's file; one that would grow past its bound becomes the older one first. */
    private void write(AppRef app, CharSequence text) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        try {
            Path file = Files.createDirectories(of(app)).resolve("app.log");
            if (Files.exists(file) && Files.size(file) + bytes.length > FILE_BYTES_MAX) {
                Files.move(file, file.resolveSibling("app.log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            try (SeekableByteChannel channel = Files.newByteChannel(file, APPENDED, OWNER_ONLY)) {
                for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
                    channel.write(left);
                }
            }
        } catch (IOException e) {
            log.atWarn().addKeyValue("app", app).setCause(e).log("Log lines could not be written");
        }
    }

    private Path of(AppRef app) {
        return folder.resolve(app.tenant().value()).resolve(app.app().value());
    }

    private static LogLine parse(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return new LogLine(
                    Instant.parse(json.path("at").asText()),
                    json.path("source").asText(),
                    json.path("instance").asText(),
                    json.path("stream").asText(),
                    json.path("line").asText());
        } catch (JsonProcessingException | RuntimeException e) {
            return new LogLine(Instant.EPOCH, "app", "", "stdout", text); // Cut off by a crash.
        }
    }

    @Override
    public void close() {
        writer.finish(END_LIMIT);
        while (!queue.isEmpty()) { // Nobody writes any more but this.
            batch.clear();
            drain();
            writeBatch();
        }
    }
}
