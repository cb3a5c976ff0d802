package dev.mayfly.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Signing in and out. */
final class Session {
    private Session() {}

    @picocli.CommandLine.Command(
            name = "login",
            description = "Sign in; on the server's own machine there is nothing to copy")
    static final class Login extends Command {
        @Option(
                names = "--url",
                paramLabel = "URL",
                description = "of the server (default: MAYFLY_URL, else http://localhost:9000)")
        @Nullable
        String url;

        @Option(
                names = "--token-file",
                paramLabel = "FILE",
                description = "file with a token; - reads it from standard input")
        @Nullable
        String tokenFile;

        Login(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            String server = Optional.ofNullable(url)
                    .or(() -> environment().get("MAYFLY_URL"))
                    .or(this::ownServer)
                    .orElse("http://localhost:9000")
                    .replaceFirst("/$", "");
            Credentials credentials = new Credentials(server, token());
            String user = new Api(credentials).get("/session").path("user").asText();
            credentials.save(environment());
            done("Signed in to " + server + " as " + user, Map.of("name", user, "url", server, "state", "signed in"));
        }

        /** The server that runs on the data folder of this machine. */
        private Optional<String> ownServer() {
            try {
                Path about = data().resolve("server.json");
                return Files.isReadable(about)
                        ? Optional.of(new com.fasterxml.jackson.databind.ObjectMapper()
                                .readTree(Files.readAllBytes(about))
                                .path("url")
                                .asText())
                        : Optional.empty();
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        private Path data() {
            return environment()
                    .get("MAYFLY_DATA")
                    .map(Path::of)
                    .orElseGet(() -> Optional.ofNullable(
                                    Path.of(environment().self()).getParent())
                            .orElse(Path.of("."))
                            .resolve("data"));
        }

        private String token() {
            try {
                if ("-".equals(tokenFile)) {
                    return new Scanner(System.in, java.nio.charset.StandardCharsets.UTF_8)
                            .nextLine()
                            .strip();
                }
                Path file = tokenFile == null ? data().resolve("secrets/admin-token") : Path.of(tokenFile);
                if (Files.isReadable(file)) {
                    return Files.readString(file).strip();
                }
            } catch (IOException e) {
                throw new CliFailure(CliFailure.FAILED, "token: " + e.getMessage());
            }
            Optional<String> given = environment().get("MAYFLY_TOKEN");
            if (given.isPresent()) {
                return given.get();
            }
            if (Environment.terminal().isEmpty()) {
                throw new CliFailure(CliFailure.AUTHENTICATION, "no token found (--token-file FILE, or MAYFLY_TOKEN)");
            }
            return new String(Environment.terminal().get().readPassword("Token: ")).strip();
        }
    }

    @picocli.CommandLine.Command(name = "logout", description = "Forget the token on this machine")
    static final class Logout extends Command {
        Logout(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            try {
                Files.deleteIfExists(environment().credentials());
            } catch (IOException e) {
                throw new CliFailure(CliFailure.FAILED, e.getMessage() == null ? "failed" : e.getMessage());
            }
            done("Signed out", Map.of("state", "signed out"));
        }
    }

    @picocli.CommandLine.Command(name = "whoami", description = "Who is signed in, and to what")
    static final class WhoAmI extends Command {
        WhoAmI(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            Api api = api();
            var session = api.get("/session");
            if (json()) {
                print(session);
            } else {
                say(session.path("user").asText() + " at " + api.credentials().url());
            }
        }
    }

    @picocli.CommandLine.Command(
            name = "git-credential",
            hidden = true,
            description = "Answers git's credential helper protocol (gitcredentials(7))")
    static final class GitCredential extends Command {
        @picocli.CommandLine.Parameters(arity = "0..1", defaultValue = "get")
        String operation = "get";

        GitCredential(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            if (operation.equals("get")) {
                say("username=mayfly");
                say("password=" + Credentials.find(environment()).token());
            }
        }
    }
}
