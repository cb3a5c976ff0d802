package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mayfly.model.AppName;
import dev.mayfly.model.MayflyException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Apps: list, create, info, destroy, open. */
final class Apps {
    private static final String[] COLUMNS = {"name", "state", "release", "instances", "url"};

    private Apps() {}

    @picocli.CommandLine.Command(name = "apps", description = "List apps; or create, connect, info, destroy")
    static final class All extends Command {
        All(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            list(api().get(tenantPath() + "/apps"), COLUMNS);
        }
    }

    @picocli.CommandLine.Command(
            name = "create",
            description = "Make an app; in a git work tree also the remote mayfly")
    static final class Create extends Command {
        @Parameters(paramLabel = "NAME")
        String name = "";

        Create(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            Api api = api();
            try {
                new AppName(name);
            } catch (MayflyException e) {
                throw new CliFailure(CliFailure.USAGE, e.detail());
            }
            JsonNode app = api.post(tenantPath() + "/apps", Map.of("name", name));
            boolean connected = connect(this, api, app);
            if (json()) {
                print(app);
                return;
            }
            say("Created " + name + ", to be at " + app.path("url").asText());
            say(
                    connected
                            ? "Deploy it with: git push mayfly main"
                            : "Its git URL is " + app.path("gitUrl").asText());
        }
    }

    @picocli.CommandLine.Command(
            name = "connect",
            description = "In a git work tree, add the remote mayfly of an app that is there already")
    static final class Connect extends Command {
        @Parameters(paramLabel = "NAME")
        String name = "";

        Connect(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            Api api = api();
            JsonNode app = api.get(tenantPath() + "/apps/" + Api.encode(name));
            if (!connect(this, api, app)) {
                throw new CliFailure(CliFailure.USAGE, "this folder is no git work tree (expected: git init first)");
            }
            if (json()) {
                print(app);
            } else {
                say("Deploy it with: git push mayfly main");
            }
        }
    }

    /** Whether there is a work tree here; if so, it now has the remote and git asks us for the token. */
    private static boolean connect(Command command, Api api, JsonNode app) {
        Git git = new Git(command.environment().folder());
        boolean here = git.isWorkTree();
        if (here) {
            git.connect(
                    api.credentials().url(),
                    app.path("gitUrl").asText(),
                    command.environment().self());
        }
        return here;
    }

    @picocli.CommandLine.Command(name = "info", description = "One app")
    static final class Info extends Command {
        @Parameters(paramLabel = "NAME", arity = "0..1")
        @Nullable
        String name;

        Info(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            JsonNode found = api().get(tenantPath() + "/apps/" + Api.encode(name == null ? appName() : name));
            if (json()) {
                print(found);
            } else {
                found.properties()
                        .forEach(each -> say(String.format(
                                "%-10s %s", each.getKey(), each.getValue().asText())));
            }
        }
    }

    @picocli.CommandLine.Command(
            name = "destroy",
            aliases = "rm",
            description = "Destroy an app with all that is kept of it")
    static final class Destroy extends Command {
        @Parameters(paramLabel = "NAME", arity = "0..1")
        @Nullable
        String name;

        @Option(names = "--yes", paramLabel = "NAME", description = "the app's name once more, instead of the question")
        @Nullable
        String yes;

        Destroy(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            String target = name == null ? appName() : name;
            String confirmed = yes;
            if (confirmed == null && Environment.terminal().isPresent()) {
                confirmed = Environment.terminal()
                        .get()
                        .readLine("This destroys %s with its releases, config and logs. Its name: ", target);
            }
            if (!target.equals(confirmed)) {
                throw new CliFailure(
                        CliFailure.USAGE, "not destroyed (expected: the app's name, or --yes=" + target + ")");
            }
            api().delete(tenantPath() + "/apps/" + Api.encode(target) + "?confirm=" + Api.encode(target));
            done("Destroyed " + target, Map.of("name", target, "app", target, "state", "destroyed"));
        }
    }

    @picocli.CommandLine.Command(name = "open", description = "Open the app in a browser, or print its URL")
    static final class Open extends Command {
        Open(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            JsonNode found = api().get(appPath());
            String url = found.path("url").asText();
            if (json()) {
                print(found);
                return;
            }
            say(url);
            if (Environment.terminal().isPresent()
                    && environment().get("DISPLAY").isPresent()) {
                try {
                    new ProcessBuilder("xdg-open", url).start();
                } catch (java.io.IOException e) {
                    // The URL is printed; that is enough.
                }
            }
        }
    }
}
