package dev.mayfly.control.api.json;

import dev.mayfly.identity.Principal;
import java.util.List;
import java.util.Map;

/** A tenant of the caller and the caller's role in it. */
public record TenantJson(String name, String role) {
    /** By name. */
    public static List<TenantJson> of(Principal principal) {
        return principal.tenants().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each ->
                        new TenantJson(each.getKey().value(), each.getValue().wireName()))
                .toList();
    }
}
