package dev.mayfly.server;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Writes the configuration reference out of what the rooms read: {@code ConfigReference FILE}. */
public final class ConfigReference {
    private ConfigReference() {}

    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[0]), text());
    }

    static String text() {
        ConfigReader reader = ConfigReader.of(Map.of());
        Settings.read(reader, Map.of());
        String folder = Path.of("data").toAbsolutePath().toString();
        StringBuilder text = new StringBuilder("""
                # Configuration

                Generated from the records that read it; do not edit. Every setting is a key in the file of `--config` (TOML), a `key=value` of
                `./mayfly up`, or a variable of the environment; the command line wins, then the environment. What each one means stands at its
                record, named after its first part (`GatewayConfig`, `PoolConfig`, `ControlConfig` and so on). An unknown key stops the start.

                | Key | Type | Default | Environment |
                |---|---|---|---|
                """);
        for (ConfigReader.Setting each : reader.settings()) {
            String environment = "MAYFLY_"
                    + each.key().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            String value = each.defaultValue().replace(folder, "data");
            text.append("| `")
                    .append(each.key())
                    .append("` | ")
                    .append(each.type())
                    .append(" | ")
                    .append(value.isEmpty() ? "" : "`" + value + "`")
                    .append(" | `")
                    .append(environment)
                    .append("` |\n");
        }
        return text.toString();
    }
}
