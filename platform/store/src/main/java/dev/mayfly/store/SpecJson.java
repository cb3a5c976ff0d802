package dev.mayfly.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.CronTimes;
import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.WarmWindow;
import dev.mayfly.model.Warmth;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The JSON in text columns. Written by hand, so that renaming a field in Java cannot change what is stored. */
final class SpecJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SpecJson() {}

    static String write(AppSpec spec) {
        ObjectNode json = JSON.createObjectNode();
        json.put("kind", spec.kind().wireName());
        switch (spec.egress()) {
            case EgressPolicy.Open _ -> json.put("egress", "open");
            case EgressPolicy.None _ -> json.put("egress", "none");
            case EgressPolicy.Only only -> {
                ArrayNode list = json.putArray("egress");
                only.destinations().forEach(destination -> list.add(destination.toString()));
            }
        }
        spec.healthPath().ifPresent(path -> json.put("healthPath", path));
        spec.runtimeClass().ifPresent(name -> json.put("runtime", name));
        json.put("isolation", spec.isolation().wireName());
        write(spec.warmth(), json);
        Limits limits = spec.limits();
        ObjectNode out = json.putObject("limits");
        out.put("memoryMib", limits.memoryMib());
        out.put("cpus", limits.cpus());
        out.put("pids", limits.pids());
        out.put("tmpMib", limits.tmpMib());
        limits.ioMib().ifPresent(io -> out.put("ioMib", io));
        out.put("concurrency", limits.concurrency());
        out.put("startTimeoutMs", limits.startTimeout().toMillis());
        out.put("idleTimeoutMs", limits.idleTimeout().toMillis());
        out.put("requestTimeoutMs", limits.requestTimeout().toMillis());
        return json.toString();
    }

    private static void write(Warmth warmth, ObjectNode json) {
        json.put("keepAlive", warmth.keep().wireName());
        json.put("warm", warmth.warm());
        ArrayNode windows = json.putArray("warmWindows");
        for (WarmWindow window : warmth.windows()) {
            windows.addObject()
                    .put("start", window.start().toString())
                    .put("seconds", window.length().toSeconds())
                    .put("zone", window.zone().getId())
                    .put("warm", window.warm());
        }
    }

    /** A release written before there were these settings had a fixed time, and many requests in an instance. */
    private static Warmth warmth(JsonNode json) {
        List<WarmWindow> windows = new ArrayList<>();
        for (JsonNode window : json.path("warmWindows")) {
            windows.add(new WarmWindow(
                    CronTimes.parse(window.path("start").asText()),
                    Duration.ofSeconds(window.path("seconds").asLong()),
                    ZoneId.of(window.path("zone").asText()),
                    window.path("warm").asInt()));
        }
        Warmth.Keep keep =
                Warmth.Keep.valueOf(json.path("keepAlive").asText("fixed").toUpperCase(Locale.ROOT));
        return new Warmth(keep, json.path("warm").asInt(0), windows);
    }

    static AppSpec readSpec(String text) {
        JsonNode json = tree(text);
        JsonNode limits = json.path("limits");
        return new AppSpec(
                AppKind.valueOf(json.path("kind").asText().toUpperCase(Locale.ROOT)),
                egress(json.path("egress")),
                new Limits(
                        limits.path("memoryMib").asInt(),
                        limits.path("cpus").asDouble(),
                        limits.path("pids").asInt(),
                        limits.path("tmpMib").asInt(),
                        limits.path("concurrency").asInt(),
                        Duration.ofMillis(limits.path("startTimeoutMs").asLong()),
                        Duration.ofMillis(limits.path("idleTimeoutMs").asLong()),
                        Duration.ofMillis(limits.path("requestTimeoutMs").asLong()),
                        limits.has("ioMib")
                                ? OptionalInt.of(limits.path("ioMib").asInt())
                                : OptionalInt.empty()),
                text(json, "healthPath"),
                text(json, "runtime"),
                Isolation.valueOf(json.path("isolation").asText("release").toUpperCase(Locale.ROOT)),
                warmth(json));
    }

    private static EgressPolicy egress(JsonNode json) {
        if (json.isArray()) {
            List<String> entries = JSON.convertValue(json, new TypeReference<>() {});
            return new EgressPolicy.Only(
                    entries.stream().map(Destination::parse).toList());
        }
        return switch (json.asText()) {
            case "open" -> EgressPolicy.OPEN;
            case "none" -> EgressPolicy.NONE;
            default -> throw new IllegalStateException("stored egress '" + json.asText() + "' is none of ours");
        };
    }

    static String write(Map<String, ProcessSpec> processes) {
        ObjectNode json = JSON.createObjectNode();
        processes.forEach((type, process) -> {
            ObjectNode out = json.putObject(type);
            out.set("argv", JSON.valueToTree(process.argv()));
            out.set("env", JSON.valueToTree(process.env()));
            out.put("workingDir", process.workingDir());
        });
        return json.toString();
    }

    static Map<String, ProcessSpec> readProcesses(String text) {
        Map<String, ProcessSpec> processes = new LinkedHashMap<>();
        tree(text).properties().forEach(entry -> {
            JsonNode json = entry.getValue();
            List<String> argv = JSON.convertValue(json.path("argv"), new TypeReference<>() {});
            Map<String, String> env = JSON.convertValue(json.path("env"), new TypeReference<>() {});
            processes.put(
                    entry.getKey(),
                    new ProcessSpec(argv, env, json.path("workingDir").asText()));
        });
        return processes;
    }

    static String writeStrings(Map<String, String> values) {
        return JSON.valueToTree(values).toString();
    }

    static Map<String, String> readStrings(String text) {
        return JSON.convertValue(tree(text), new TypeReference<LinkedHashMap<String, String>>() {});
    }

    static String writeLongs(Map<String, Long> values) {
        return JSON.valueToTree(values).toString();
    }

    static Map<String, Long> readLongs(String text) {
        return JSON.convertValue(tree(text), new TypeReference<LinkedHashMap<String, Long>>() {});
    }

    private static Optional<String> text(JsonNode json, String field) {
        return Optional.ofNullable(json.get(field)).map(JsonNode::asText);
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored JSON does not parse", e);
        }
    }
}
