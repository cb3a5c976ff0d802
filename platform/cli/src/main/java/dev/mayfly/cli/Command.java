package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share: the server, the app they are about, how they print. */
abstract class Command implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** How a command prints. */
    enum Format {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "json for programs; default: text",
            defaultValue = "text")
    Format format = Format.text;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "this text")
    boolean help;

    @Option(
            names = {"--app", "-a"},
            paramLabel = "APP",
            description = "default: MAYFLY_APP, else the git remote mayfly")
    @Nullable
    String app;

    @Option(
            names = "--tenant",
            paramLabel = "TENANT",
            description = "default: MAYFLY_TENANT, else the git remote, else local")
    @Nullable
    String tenant;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    CommandSpec spec;

    private final Environment environment;

    Command(Environment environment) {
        this.environment = environment;
    }

    abstract void run() throws InterruptedException;

    @Override
    public Integer call() throws InterruptedException {
        run();
        return 0;
    }

    Environment environment() {
        return environment;
    }

    Api api() {
        return new Api(Credentials.find(environment));
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    boolean json() {
        return format == Format.json;
    }

    void print(JsonNode value) {
        try {
            out().println(JSON.writeValueAsString(value));
            out().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void say(String line) {
        out().println(line);
        out().flush();
    }

    /** What was done, as an object for programs or a line for people. */
    void done(String line, Map<String, String> object) {
        if (json()) {
            print(JSON.valueToTree(object));
        } else {
            say(line);
        }
    }

    /** A list, as JSON or in columns. */
    void list(JsonNode answer, String... columns) {
        JsonNode items = answer.path("items");
        if (json()) {
            print(items);
        } else {
            Table.print(out(), items, columns);
        }
    }

    String tenantPath() {
        return "/tenants/" + Api.encode(tenantName());
    }

    String tenantName() {
        return Optional.ofNullable(tenant)
                .or(() -> environment.get("MAYFLY_TENANT"))
                .or(() -> new Git(environment.folder()).remote().map(Git.Remote::tenant))
                .orElse("local");
    }

    String appName() {
        return Optional.ofNullable(app)
                .or(() -> environment.get("MAYFLY_APP"))
                .or(() -> new Git(environment.folder()).remote().map(Git.Remote::app))
                .orElseThrow(() -> new CliFailure(
                        CliFailure.USAGE,
                        "which app? (--app NAME, MAYFLY_APP, or a folder with the git remote mayfly)"));
    }

    String appPath() {
        return tenantPath() + "/apps/" + Api.encode(appName());
    }
}
