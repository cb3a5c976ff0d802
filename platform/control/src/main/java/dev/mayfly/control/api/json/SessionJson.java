package dev.mayfly.control.api.json;

import dev.mayfly.identity.Principal;
import java.util.List;

/**
 * Who is signed in.
 *
 * @param csrf what changes with the cookie must bring; empty for who came with a token
 * @param operator whether the pool may be seen
 */
public record SessionJson(String user, String csrf, List<TenantJson> tenants, boolean operator) {
    public static SessionJson of(Principal principal, String csrf) {
        return new SessionJson(principal.name(), csrf, TenantJson.of(principal), principal.operates());
    }
}
