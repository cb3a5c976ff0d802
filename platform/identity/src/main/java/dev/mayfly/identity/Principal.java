package dev.mayfly.identity;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import dev.mayfly.store.Role;
import java.util.Map;

/**
 * Who asks, with its role in each of its tenants.
 *
 * @param name of the account
 */
public record Principal(String name, Map<TenantName, Role> tenants) {
    public Principal {
        tenants = Map.copyOf(tenants);
    }

    /** Whether it runs this installation: as an admin of the first tenant. */
    public boolean operates() {
        Role role = tenants.get(Identity.FIRST_TENANT);
        return role != null && Permission.OPERATE.isGivenTo(role);
    }

    /** @throws MayflyException {@code FORBIDDEN} unless it runs this installation */
    public void requireOperator() {
        if (!operates()) {
            throw new MayflyException(
                    ErrorCode.FORBIDDEN,
                    "this is for who runs this installation (expected: role admin in tenant '" + Identity.FIRST_TENANT
                            + "')");
        }
    }

    /**
     * @throws MayflyException {@code NOT_FOUND} for a tenant that is not the principal's, as if it did not exist, and
     *     {@code FORBIDDEN} if the role is too low
     */
    public void require(TenantName tenant, Permission permission) {
        Role role = tenants.get(tenant);
        if (role == null) {
            throw new MayflyException(ErrorCode.NOT_FOUND, "tenant '" + tenant + "' not found");
        }
        if (!permission.isGivenTo(role)) {
            throw new MayflyException(
                    ErrorCode.FORBIDDEN, "role " + role.wireName() + " in tenant '" + tenant + "' does not allow this");
        }
    }
}
