package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What runs: instances, logs, releases, builds. */
final class Running {
    private Running() {}

    @picocli.CommandLine.Command(
            name = "ps",
            description = "Instances: living ones, then the last dead with their reason")
    static final class Ps extends Command {
        @Option(names = "--all", description = "of all apps of the tenant")
        boolean all;

        Ps(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            JsonNode answer = api().get((all ? tenantPath() : appPath()) + "/instances");
            if (all) {
                list(
                        answer, "id", "app", "release", "state", "active", "served", "bornAt", "boundAt", "diedOf",
                        "detail");
            } else {
                list(answer, "id", "release", "state", "active", "served", "bornAt", "boundAt", "diedOf", "detail");
            }
        }
    }

    @picocli.CommandLine.Command(name = "logs", description = "Last lines of the app's log")
    static final class Logs extends Command {
        @Option(
                names = {"-f", "--follow"},
                description = "and what comes")
        boolean follow;

        @Option(
                names = {"-n", "--lines"},
                paramLabel = "N",
                defaultValue = "100",
                description = "1 to 1500, default 100")
        int lines = 100;

        private Instant shown = Instant.EPOCH;

        Logs(Environment environment) {
            super(environment);
        }

        @Override
        void run() throws InterruptedException {
            Api api = api();
            if (!follow) {
                JsonNode last = last(api);
                if (json()) {
                    print(last);
                } else {
                    last.forEach(this::line);
                }
                return;
            }
            // First listen, then look back: nothing falls between, and what comes twice is shown once.
            new Follow(
                            api,
                            tenantPath() + "/stream?topics=log&app=" + Api.encode(appName()),
                            () -> last(api).forEach(this::once))
                    .run(event -> once(event.path("data")));
        }

        private JsonNode last(Api api) {
            return api.get(appPath() + "/logs?lines=" + lines).path("items");
        }

        private void once(JsonNode line) {
            Instant at = Instant.parse(line.path("at").asText());
            if (at.isAfter(shown)) {
                line(line);
                shown = at;
            }
        }

        private void line(JsonNode line) {
            if (json()) {
                say(line.toString());
                return;
            }
            String at = line.path("at").asText();
            String instance = line.path("instance").asText();
            say((at.length() > 19 ? at.substring(0, 19) + "Z" : at) + " " + instance.replaceFirst("^ins_.{8}", "") + " "
                    + line.path("line").asText());
        }
    }

    @picocli.CommandLine.Command(name = "releases", description = "Releases, newest first")
    static final class Releases extends Command {
        Releases(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            list(api().get(appPath() + "/releases"), "id", "state", "description", "by", "createdAt");
        }
    }

    @picocli.CommandLine.Command(
            name = "rollback",
            description = "Make an earlier release's image and config the newest release")
    static final class Rollback extends Command {
        @Parameters(paramLabel = "VERSION", arity = "0..1", description = "for example v3; default: the one before")
        @Nullable
        String version;

        Rollback(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            Map<String, Object> body = new HashMap<>();
            if (version != null) {
                if (!version.matches("v?[1-9]\\d{0,8}")) {
                    throw new CliFailure(CliFailure.USAGE, "version: '" + version + "' (expected: for example v3)");
                }
                body.put("version", Integer.parseInt(version.replace("v", "")));
            }
            JsonNode release = api().post(appPath() + "/rollback", body);
            if (json()) {
                print(release);
            } else {
                say("Released " + release.path("id").asText() + ": "
                        + release.path("description").asText());
            }
        }
    }

    @picocli.CommandLine.Command(name = "builds", description = "Builds, newest first; or logs, cancel")
    static final class Builds extends Command {
        Builds(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            list(api().get(appPath() + "/builds"), "id", "state", "commit", "by", "createdAt", "release");
        }
    }

    @picocli.CommandLine.Command(name = "logs", description = "Output of a build")
    static final class BuildLogs extends Command {
        @Parameters(paramLabel = "BUILD")
        String id = "";

        BuildLogs(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            String text = api().getText(appPath() + "/builds/" + Api.encode(id) + "/log");
            if (json()) {
                done("", Map.of("id", id, "app", appName(), "log", text));
                return;
            }
            out().print(text);
            out().flush();
        }
    }

    @picocli.CommandLine.Command(name = "cancel", description = "Cancel a build")
    static final class CancelBuild extends Command {
        @Parameters(paramLabel = "BUILD")
        String id = "";

        CancelBuild(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            api().post(appPath() + "/builds/" + Api.encode(id) + "/cancel", Map.of());
            done("Cancelling " + id, Map.of("id", id, "app", appName(), "state", "cancelling"));
        }
    }
}
