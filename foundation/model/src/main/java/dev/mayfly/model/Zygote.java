package dev.mayfly.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A warm interpreter that generic instances may be forked from instead of being started. It runs with the machine's own
 * privileges, so nothing of it may come from a tenant or from a build that a tenant's code took part in.
 *
 * @param layers directories, top first, each laid out from the image's root
 * @param argv how it starts; what it is told besides is the launcher's
 * @param owner whose instances alone are forked from it, as forks know each other's secrets; empty: anybody's
 */
public record Zygote(List<Path> layers, List<String> argv, Optional<Owner> owner) {
    /** @param number tells it from a zygote of the same tenant, or of another one of its name, that was before it */
    public record Owner(TenantName tenant, long number) {}

    public Zygote {
        layers = List.copyOf(layers);
        argv = List.copyOf(argv);
    }

    /** One that anybody's instances are forked from. */
    public Zygote(List<Path> layers, List<String> argv) {
        this(layers, argv, Optional.empty());
    }

    /** Another one like it, for this owner alone. */
    public Zygote of(Owner other) {
        return new Zygote(layers, argv, Optional.of(other));
    }
}
