package dev.mayfly.builders.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How an image starts: the {@code config} object of an OCI image configuration.
 *
 * @param entrypoint program and arguments
 * @param env launch environment
 * @param workingDir absolute
 * @param labels for people and tools
 */
public record ImageRun(
        List<String> entrypoint, Map<String, String> env, String workingDir, Map<String, String> labels) {
    public ImageRun {
        entrypoint = List.copyOf(entrypoint);
        env = Map.copyOf(env);
        labels = Map.copyOf(labels);
    }

    ObjectNode toJson(ObjectMapper json) {
        ObjectNode node = json.createObjectNode();
        node.put("User", LayerTar.BUILDER_UID + ":" + LayerTar.BUILDER_UID);
        ArrayNode list = node.putArray("Env");
        new TreeMap<>(env).forEach((name, value) -> list.add(name + "=" + value));
        ArrayNode argv = node.putArray("Entrypoint");
        entrypoint.forEach(argv::add);
        node.put("WorkingDir", workingDir);
        ObjectNode all = node.putObject("Labels");
        new TreeMap<>(labels).forEach(all::put);
        return node;
    }
}
