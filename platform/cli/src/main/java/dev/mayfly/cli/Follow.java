package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Follows live events, coming back after a break, at most ten times in a row without an event. */
final class Follow {
    private static final int FAILURES_MAX = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Api api;
    private final String path;
    private final Runnable connected;
    private String lastId = "";
    private int failures;

    /** @param connected runs each time when events begin to be collected, before the first is told */
    Follow(Api api, String path, Runnable connected) {
        this.api = api;
        this.path = path;
        this.connected = connected;
    }

    /** Calls for each event until the process ends or the server stays away. */
    void run(Consumer<JsonNode> each) throws InterruptedException {
        while (true) {
            try (InputStream in = api.stream(path, lastId);
                    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                connected.run();
                read(lines, each);
            } catch (IOException e) {
                // The connection broke; below we come back.
            } catch (CliFailure e) {
                if (e.exitCode() != CliFailure.FAILED || failures >= FAILURES_MAX) {
                    throw e;
                }
            }
            if (++failures > FAILURES_MAX) {
                throw new CliFailure(CliFailure.FAILED, "the server does not answer any more");
            }
            Thread.sleep(1_000);
        }
    }

    private void read(BufferedReader lines, Consumer<JsonNode> each) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            failures = 0;
            if (line.startsWith("id: ")) {
                lastId = line.substring(4);
            } else if (line.startsWith("data: ")) {
                JsonNode event = JSON.readTree(line.substring(6));
                if (event.has("type")) {
                    each.accept(event);
                }
            }
        }
    }
}
