package dev.mayfly.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A warm interpreter that generic instances may be forked from instead of being started. It runs with the machine's own
 * privileges, so nothing of it may come from a tenant or from a build that a tenant's code took part in.
 *
 * @param layers directories, top first, each laid out from the image's root
 * @param argv how it starts
 * @param env its whole environment
 */
public record Zygote(List<Path> layers, List<String> argv, Map<String, String> env) {
    public Zygote {
        layers = List.copyOf(layers);
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
    }
}
