package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tokens of the person: list, create, revoke. */
final class Tokens {
    private Tokens() {}

    @picocli.CommandLine.Command(name = "tokens", description = "List tokens; or create, revoke")
    static final class All extends Command {
        All(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            list(api().get("/tokens"), "id", "name", "createdAt", "expiresAt", "lastUsedAt");
        }
    }

    @picocli.CommandLine.Command(name = "create", description = "A new token, shown once")
    static final class Create extends Command {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Option(names = "--days", paramLabel = "N", description = "until it expires; default: never")
        @Nullable
        Integer days;

        Create(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            Map<String, Object> body = new HashMap<>();
            body.put("name", name);
            if (days != null) {
                body.put("expiresInDays", days);
            }
            JsonNode token = api().post("/tokens", body);
            if (json()) {
                print(token);
            } else {
                say(token.path("token").asText());
            }
        }
    }

    @picocli.CommandLine.Command(name = "revoke", aliases = "rm", description = "Revoke a token")
    static final class Revoke extends Command {
        @Parameters(paramLabel = "ID")
        String id = "";

        Revoke(Environment environment) {
            super(environment);
        }

        @Override
        void run() {
            api().delete("/tokens/" + Api.encode(id));
            done("Revoked " + id, Map.of("id", id, "state", "revoked"));
        }
    }
}
