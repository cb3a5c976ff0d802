package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;

import dev.mayfly.model.TenantName;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jooq.DSLContext;

/** Tenants and who belongs to them. */
public final class Tenants {
    private final DSLContext sql;
    private final Clock clock;

    Tenants(DSLContext sql, Clock clock) {
        this.sql = sql;
        this.clock = clock;
    }

    /** Creates the tenant unless it exists. Returns whether it did. */
    public boolean create(TenantName tenant) {
        return sql.execute(
                        "insert into tenant (name, created_at) values (?, ?) on conflict do nothing",
                        tenant.value(),
                        utc(clock.instant()))
                == 1;
    }

    /** All tenants of this installation: for the server itself, never for an answer to somebody. */
    public List<TenantName> all() {
        return sql.fetch("select name from tenant order by name").map(row -> new TenantName(Sql.text(row, "name")));
    }

    public boolean exists(TenantName tenant) {
        return sql.fetchOne("select 1 from tenant where name = ?", tenant.value()) != null;
    }

    /** Sets the role of an account in a tenant. Both exist. */
    public void setRole(TenantName tenant, String account, Role role) {
        sql.transaction(tx -> {
            tx.dsl().execute("delete from membership where tenant = ? and account = ?", tenant.value(), account);
            tx.dsl()
                    .execute(
                            "insert into membership (tenant, account, role) values (?, ?, ?)",
                            tenant.value(),
                            account,
                            role.wireName());
        });
    }

    /** The tenants of an account with its role in each. */
    public Map<TenantName, Role> of(String account) {
        Map<TenantName, Role> roles = new TreeMap<>();
        sql.fetch("select tenant, role from membership where account = ?", account)
                .forEach(row ->
                        roles.put(new TenantName(Sql.text(row, "tenant")), Role.ofWireName(Sql.text(row, "role"))));
        return roles;
    }
}
