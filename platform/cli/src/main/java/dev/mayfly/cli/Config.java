package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Parameters;

/** Configuration of an app: list, get, set, unset. */
final class Config {
    private Config() {}

    @picocli.CommandLine.Command(name = "config", description = "List configuration; or get, set, unset")
    static final class All extends Command {
        All(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            JsonNode values = api().get(appPath() + "/config").path("values");
            if (json()) {
                print(values);
            } else {
                values.properties()
                        .forEach(each ->
                                say(each.getKey() + "=" + each.getValue().asText()));
            }
        }
    }

    @picocli.CommandLine.Command(name = "get", description = "One value")
    static final class Get extends Command {
        @Parameters(paramLabel = "KEY")
        String key = "";

        Get(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            JsonNode value = api().get(appPath() + "/config").path("values").path(key);
            if (value.isMissingNode()) {
                throw new CliFailure(CliFailure.NOT_FOUND, key + " is not set");
            }
            done(value.asText(), Map.of("name", key, "value", value.asText(), "app", appName()));
        }
    }

    @picocli.CommandLine.Command(name = "set", description = "Set values; a new release takes over, without a build")
    static final class Set extends Command {
        @Parameters(paramLabel = "KEY=VALUE", arity = "1..*")
        List<String> pairs = List.of();

        Set(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            Map<String, String> values = new LinkedHashMap<>();
            for (String pair : pairs) {
                int equals = pair.indexOf('=');
                if (equals < 1) {
                    throw new CliFailure(CliFailure.USAGE, "'" + pair + "' (expected: KEY=VALUE)");
                }
                values.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
            changed(this, api().patch(appPath() + "/config", Map.of("set", values)));
        }
    }

    @picocli.CommandLine.Command(name = "unset", description = "Remove values")
    static final class Unset extends Command {
        @Parameters(paramLabel = "KEY", arity = "1..*")
        List<String> keys = List.of();

        Unset(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            changed(this, api().patch(appPath() + "/config", Map.of("unset", keys)));
        }
    }

    private static void changed(Command command, JsonNode answer) {
        if (command.json()) {
            command.print(answer);
        } else {
            JsonNode release = answer.path("release");
            command.say(
                    release.has("id")
                            ? "Released " + release.path("id").asText() + ": "
                                    + release.path("description").asText()
                            : "Kept for the next release");
        }
    }
}
