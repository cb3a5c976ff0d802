package dev.mayfly.model;

/** One app of one tenant. There is no app without its tenant, so nothing is ever looked up by app name alone. */
public record AppRef(TenantName tenant, AppName app) {
    public static AppRef of(String tenant, String app) {
        return new AppRef(new TenantName(tenant), new AppName(app));
    }

    /** {@code tenant/app}. */
    @Override
    public String toString() {
        return tenant.value() + "/" + app.value();
    }
}
