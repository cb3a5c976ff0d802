package dev.mayfly.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code mayfly}: a client of the API. A noun alone lists; {@code noun:verb} means {@code noun verb}. */
public final class Main {
    @CommandLine.Command(
            name = "mayfly",
            description = "Mayfly: git push, get a URL.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "On the server's machine: mayfly up, down, status, doctor, test, bench, package",
                "MAYFLY_URL, MAYFLY_TOKEN, MAYFLY_APP and MAYFLY_TENANT replace sign-in and options in scripts.",
                "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in or not allowed, 4 not found, 5 conflict, 6 quota,",
                "20 build failed, 21 release command failed, 22 unhealthy start, 23 cancelled, 124 took too long."
            })
    private static final class Top implements Runnable {
        @SuppressWarnings("UnusedVariable") // Picocli acts on it.
        @CommandLine.Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "this text")
        boolean help;

        @CommandLine.Spec
        @SuppressWarnings("NullAway.Init") // Set by picocli.
        CommandSpec spec;

        @Override
        public void run() {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
    }

    @CommandLine.Command(name = "completion", description = "Completion script: source <(mayfly completion bash)")
    private static final class Completion implements Runnable {
        @Parameters(paramLabel = "SHELL", description = "bash or zsh", arity = "0..1", defaultValue = "bash")
        String shell = "bash";

        @CommandLine.Spec
        @SuppressWarnings("NullAway.Init") // Set by picocli.
        CommandSpec spec;

        @Override
        public void run() {
            if (!shell.matches("bash|zsh")) {
                throw new CliFailure(CliFailure.USAGE, "shell: '" + shell + "' (expected: bash or zsh)");
            }
            PrintWriter out = spec.commandLine().getOut();
            out.print(AutoComplete.bash("mayfly", spec.root().commandLine())); // Zsh reads it by bashcompinit.
            out.flush();
        }
    }

    @CommandLine.Command(name = "version", description = "Version of the server")
    private static final class Version extends Command {
        Version(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            var version = api().get("/version");
            if (json()) {
                print(version);
            } else {
                say(version.path("version").asText());
            }
        }
    }

    private Main() {}

    public static void main(String[] arguments) {
        Environment environment = new Environment(System.getenv(), Path.of("").toAbsolutePath());
        System.exit(run(environment, writer(System.out), writer(System.err), arguments));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, stream.charset()));
    }

    static CommandLine commands(Environment environment) {
        CommandLine top = new CommandLine(new Top());
        top.addSubcommand(new Session.Login(environment));
        top.addSubcommand(new Session.Logout(environment));
        top.addSubcommand(new Session.WhoAmI(environment));
        top.addSubcommand(new Session.GitCredential(environment));
        noun(
                top,
                () -> new Apps.All(environment),
                "app",
                new Apps.Create(environment),
                new Apps.Connect(environment),
                new Apps.Info(environment),
                new Apps.Destroy(environment));
        top.addSubcommand(new Apps.Open(environment));
        noun(top, () -> new Running.Ps(environment), "instances");
        noun(top, () -> new Pool(environment), "pools");
        top.addSubcommand(new Running.Logs(environment));
        noun(top, () -> new Running.Releases(environment), "release");
        top.addSubcommand(new Running.Rollback(environment));
        noun(
                top,
                () -> new Config.All(environment),
                "configs",
                new Config.Get(environment),
                new Config.Set(environment),
                new Config.Unset(environment));
        noun(
                top,
                () -> new Running.Builds(environment),
                "build",
                new Running.BuildLogs(environment),
                new Running.CancelBuild(environment));
        noun(
                top,
                () -> new Tokens.All(environment),
                "token",
                new Tokens.Create(environment),
                new Tokens.Revoke(environment));
        top.addSubcommand(new Completion());
        top.addSubcommand(new Version(environment));
        top.addSubcommand(new CommandLine.HelpCommand());
        // An app may be called "cancel".
        top.setAllowSubcommandsAsOptionParameters(true);
        top.setExecutionExceptionHandler((failure, line, _) -> {
            String message = failure instanceof CliFailure ? failure.getMessage() : failure.toString();
            line.getErr().println("mayfly: " + message);
            line.getErr().flush();
            return failure instanceof CliFailure known ? known.exitCode() : CliFailure.FAILED;
        });
        return top;
    }

    /** A noun alone lists; {@code list} and {@code ls} after it say so too. */
    private static void noun(CommandLine top, Supplier<Command> noun, String alias, Command... verbs) {
        CommandLine line = new CommandLine(noun.get());
        line.addSubcommand("list", noun.get(), "ls");
        for (Command verb : verbs) {
            line.addSubcommand(verb);
        }
        top.addSubcommand(line.getCommandName(), line, alias);
    }

    /** {@code config:set} is {@code config set}, for fingers that are used to it. */
    private static String[] colons(String[] arguments) {
        if (arguments.length == 0 || !arguments[0].matches("[a-z-]+:[a-z-]+")) {
            return arguments;
        }
        String[] nounAndVerb = arguments[0].split(":", 2);
        String[] all = Arrays.copyOf(nounAndVerb, arguments.length + 1);
        System.arraycopy(arguments, 1, all, 2, arguments.length - 1);
        return all;
    }

    /** For tests: the environment is given. */
    static int run(Map<String, String> variables, Path folder, PrintWriter out, PrintWriter err, String... arguments) {
        return run(new Environment(variables, folder), out, err, arguments);
    }

    /** Prints by lines: what follows a log shows each at once. */
    private static int run(Environment environment, PrintWriter out, PrintWriter err, String... arguments) {
        PrintWriter safeOut = new PrintWriter(new SafeWriter(out), true);
        PrintWriter safeErr = new PrintWriter(new SafeWriter(err), true);
        int code = commands(environment).setOut(safeOut).setErr(safeErr).execute(colons(arguments));
        safeOut.flush();
        safeErr.flush();
        return code;
    }
}
