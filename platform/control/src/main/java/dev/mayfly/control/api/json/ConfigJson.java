package dev.mayfly.control.api.json;

import dev.mayfly.store.Configs;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An app's configuration. */
public record ConfigJson(int version, Map<String, String> values) {
    /**
     * The configuration after a change.
     *
     * @param release the one that serves with it; null if nothing was pushed yet
     */
    public record Changed(
            int version,
            Map<String, String> values,
            @Nullable ReleaseJson release) {}

    public static ConfigJson of(Configs.Config config) {
        return new ConfigJson(config.version(), config.values());
    }

    public Changed with(@Nullable ReleaseJson release) {
        return new Changed(version, values, release);
    }
}
