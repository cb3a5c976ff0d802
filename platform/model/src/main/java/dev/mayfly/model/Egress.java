package dev.mayfly.model;

/**
 * Where an app may connect to. Under every policy this machine, link-local and metadata addresses, the control plane and
 * other tenants are refused.
 */
public enum Egress {
    /** Anything but what is always refused. */
    OPEN,
    /** Nothing at all. */
    NONE;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
