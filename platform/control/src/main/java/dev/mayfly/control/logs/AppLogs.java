package dev.mayfly.control.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.model.AppRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs of apps: JSON lines in {@code <tenant>/<app>/app.log}, 5 MiB and one older file of the same size. Written by one thread
 * from a queue; what does not fit into the queue is dropped and counted, so that a chatty app slows nobody.
 */
public final class AppLogs implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AppLogs.class);
    private static final int QUEUE_MAX = 20_000;
    private static final int BATCH_MAX = 1_000;
    private static final long FILE_BYTES_MAX = 5L * 1024 * 1024;
    private static final int LINES_MAX = 1_500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Entry(AppRef app, LogLine line) {}

    private final Path folder;
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final Thread writer;
    private volatile boolean closing;
    private long dropped;

    public AppLogs(Path folder) {
        this.folder = folder;
        this.writer = Thread.ofPlatform().daemon().name("app-logs").start(this::write);
    }

    /** Keeps a line. Returns at once. */
    public void append(AppRef app, LogLine line) {
        if (!queue.offer(new Entry(app, line)) && dropped++ % QUEUE_MAX == 0) {
            log.atWarn().addKeyValue("app", app).addKeyValue("dropped", dropped).log("Log lines are dropped");
        }
    }

    /** The last lines, oldest first; at most 1,500. */
    public List<LogLine> tail(AppRef app, int lines) throws IOException {
        int wanted = Math.clamp(lines, 1, LINES_MAX);
        Deque<LogLine> last = new ArrayDeque<>();
        for (String name : List.of("app.log.1", "app.log")) {
            Path file = of(app).resolve(name);
            if (Files.notExists(file)) {
                continue;
            }
            try (Stream<String> all = Files.lines(file)) {
                all.forEach(text -> {
                    last.add(parse(text));
                    if (last.size() > wanted) {
                        last.remove();
                    }
                });
            }
        }
        return new ArrayList<>(last);
    }

    public void delete(AppRef app) {
        try {
            for (String name : List.of("app.log.1", "app.log")) {
                Files.deleteIfExists(of(app).resolve(name));
            }
            Files.deleteIfExists(of(app));
        } catch (IOException e) {
            log.atWarn().addKeyValue("app", app).setCause(e).log("Logs could not be deleted");
        }
    }

    private void write() {
        List<Entry> batch = new ArrayList<>();
        try {
            while (!closing || !queue.isEmpty()) {
                Entry first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH_MAX);
                    write(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(List<Entry> batch) {
        Map<AppRef, StringBuilder> texts = new HashMap<>();
        for (Entry each : batch) {
            try {
                texts.computeIfAbsent(each.app, _ -> new StringBuilder())
                        .append(JSON.writeValueAsString(each.line.toMap()))
                        .append('\n');
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("lines are JSON", e);
            }
        }
        texts.forEach((app, text) -> {
            try {
                Path file = Files.createDirectories(of(app)).resolve("app.log");
                if (Files.exists(file) && Files.size(file) > FILE_BYTES_MAX) {
                    Files.move(file, file.resolveSibling("app.log.1"), StandardCopyOption.REPLACE_EXISTING);
                }
                Files.write(
                        file,
                        text.toString().getBytes(StandardCharsets.UTF_8),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                log.atWarn().addKeyValue("app", app).setCause(e).log("Log lines could not be written");
            }
        });
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
        closing = true;
        try {
            writer.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
