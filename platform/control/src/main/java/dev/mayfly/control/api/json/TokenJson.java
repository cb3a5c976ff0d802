package dev.mayfly.control.api.json;

import dev.mayfly.store.AccountRows;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A token without its secret. */
public record TokenJson(
        String id,
        String name,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {
    /**
     * A new token.
     *
     * @param token its secret, which is shown this once
     */
    public record Created(
            String id,
            String name,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt,
            String token) {}

    public static TokenJson of(AccountRows.Token token) {
        return new TokenJson(
                token.id(),
                token.name(),
                token.createdAt(),
                token.expiresAt().orElse(null),
                token.lastUsedAt().orElse(null));
    }

    public Created with(String secret) {
        return new Created(id, name, createdAt, expiresAt, lastUsedAt, secret);
    }
}
