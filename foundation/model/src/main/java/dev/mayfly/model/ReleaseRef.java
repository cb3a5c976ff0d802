package dev.mayfly.model;

/** Release {@code vN} of an app. Versions start at 1 and only grow. */
public record ReleaseRef(AppRef app, int version) {
    public ReleaseRef {
        if (version < 1) {
            throw new IllegalArgumentException("version: " + version + " (expected: >= 1)");
        }
    }

    /** {@code tenant/app@vN}. */
    @Override
    public String toString() {
        return app + "@v" + version;
    }
}
