package dev.mayfly.server;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes the configuration reference out of what the rooms read: {@code ConfigReference FILE}, at the root of the sources. */
public final class ConfigReference {
    private ConfigReference() {}

    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[0]), text(new Meanings(Path.of(""))));
    }

    static String text(Meanings meanings) {
        ConfigReader reader = ConfigReader.of(Map.of());
        Settings.read(reader, Map.of());
        String folder = Path.of("data").toAbsolutePath().toString();
        StringBuilder text = new StringBuilder("""
                # Configuration

                Generated from the records that read it; do not edit. Every setting is a key in the file of `--config` (TOML), a `key=value` of
                `./mayfly up`, or a variable of the environment (`gateway.port` is `MAYFLY_GATEWAY_PORT`); the command line wins, then the environment. An unknown
                key stops the start.

                | Key | Type | Default | Meaning |
                |---|---|---|---|
                """);
        for (ConfigReader.Setting each : reader.settings()) {
            String value = each.defaultValue().replace(folder, "data");
            text.append("| `")
                    .append(each.key())
                    .append("` | ")
                    .append(each.type())
                    .append(" | ")
                    .append(value.isEmpty() ? "" : "`" + value + "`")
                    .append(" | ")
                    .append(meanings.of(each.key()).orElse(""))
                    .append(" |\n");
        }
        return text.toString();
    }
}
