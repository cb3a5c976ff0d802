package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/** Address of a server and a token for it. */
record Credentials(String url, String token) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DEFAULT_URL = "http://localhost:9000";

    /** From {@code MAYFLY_URL} and {@code MAYFLY_TOKEN}, else from the last sign-in. */
    static Credentials find(Environment environment) {
        Optional<Credentials> saved = saved(environment);
        String url = environment
                .get("MAYFLY_URL")
                .or(() -> saved.map(Credentials::url))
                .orElse(DEFAULT_URL);
        String token = environment
                .get("MAYFLY_TOKEN")
                .or(() -> saved.filter(each -> each.url.equals(url)).map(Credentials::token))
                .orElseThrow(() -> new CliFailure(
                        CliFailure.AUTHENTICATION,
                        "not signed in to " + url + " (try: mayfly login --url " + url + ")"));
        return new Credentials(url, token);
    }

    static Optional<Credentials> saved(Environment environment) {
        Path file = environment.credentials();
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            return Optional.of(new Credentials(
                    json.path("url").asText(), json.path("token").asText()));
        } catch (IOException e) {
            throw new CliFailure(
                    CliFailure.FAILED, file + ": " + e.getMessage() + " (expected: what mayfly login wrote)");
        }
    }

    void save(Environment environment) {
        Path file = environment.credentials();
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path part = file.resolveSibling("credentials.json.new");
            Files.deleteIfExists(part);
            Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(part, JSON.writeValueAsBytes(Map.of("url", url, "token", token)));
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "Credentials[" + url + "]";
    }
}
