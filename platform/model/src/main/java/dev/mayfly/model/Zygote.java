package dev.mayfly.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A warm interpreter that generic instances may be forked from instead of being started. It runs with the machine's own
 * privileges, so nothing of it may come from a tenant or from a build that a tenant's code took part in.
 *
 * @param layers directories, top first, each laid out from the image's root
 * @param argv how it starts
 * @param env its whole environment
 * @param tenant whose instances alone are forked from it, as forks know each other's secrets; empty: anybody's
 */
public record Zygote(List<Path> layers, List<String> argv, Map<String, String> env, Optional<TenantName> tenant) {
    public Zygote {
        layers = List.copyOf(layers);
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
    }

    /** One that anybody's instances are forked from. */
    public Zygote(List<Path> layers, List<String> argv, Map<String, String> env) {
        this(layers, argv, env, Optional.empty());
    }

    /** Another one like it, for this tenant alone. */
    public Zygote of(TenantName owner) {
        return new Zygote(layers, argv, env, Optional.of(owner));
    }
}
