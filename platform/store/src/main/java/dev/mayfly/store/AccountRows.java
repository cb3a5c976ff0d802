package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;
import static dev.mayfly.store.Sql.utcOrNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;

/** Accounts, their tokens and sessions. Secrets are here as hashes alone; the identity room makes and checks them. */
public final class AccountRows {
    /** A token without its secret. */
    public record Token(
            String id,
            String account,
            String name,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Optional<Instant> lastUsedAt) {}

    /** A session of the console. */
    public record Session(String hash, String account, String csrf, Instant createdAt, Instant lastSeenAt) {}

    private final DSLContext sql;

    AccountRows(DSLContext sql) {
        this.sql = sql;
    }

    /** Creates the account unless it exists. Returns whether it did. */
    public boolean create(String name, String passwordHash, Instant now) {
        return sql.execute(
                        "insert into account (name, password_hash, created_at) values (?, ?, ?) on conflict do nothing",
                        name,
                        passwordHash,
                        utc(now))
                == 1;
    }

    public Optional<String> passwordHash(String name) {
        return Optional.ofNullable(sql.fetchOne("select password_hash from account where name = ?", name))
                .map(row -> Sql.text(row, "password_hash"));
    }

    public void addToken(Token token, String hash) {
        sql.execute(
                "insert into token (id, account, name, hash, created_at, expires_at) values (?, ?, ?, ?, ?, ?)",
                token.id(),
                token.account(),
                token.name(),
                hash,
                utc(token.createdAt()),
                utcOrNull(token.expiresAt()));
    }

    public Optional<Token> tokenByHash(String hash) {
        return Optional.ofNullable(sql.fetchOne("select * from token where hash = ?", hash))
                .map(AccountRows::token);
    }

    public void tokenUsed(String id, Instant now) {
        sql.execute("update token set last_used_at = ? where id = ?", utc(now), id);
    }

    public List<Token> tokens(String account) {
        return sql.fetch("select * from token where account = ? order by created_at desc", account)
                .map(AccountRows::token);
    }

    public boolean deleteToken(String account, String id) {
        return sql.execute("delete from token where account = ? and id = ?", account, id) == 1;
    }

    public void addSession(Session session) {
        sql.execute(
                "insert into login_session (hash, account, csrf, created_at, last_seen_at) values (?, ?, ?, ?, ?)",
                session.hash(),
                session.account(),
                session.csrf(),
                utc(session.createdAt()),
                utc(session.lastSeenAt()));
    }

    public Optional<Session> session(String hash) {
        return Optional.ofNullable(sql.fetchOne("select * from login_session where hash = ?", hash))
                .map(row -> new Session(
                        Sql.text(row, "hash"),
                        Sql.text(row, "account"),
                        Sql.text(row, "csrf"),
                        Sql.instant(row, "created_at"),
                        Sql.instant(row, "last_seen_at")));
    }

    public void sessionSeen(String hash, Instant now) {
        sql.execute("update login_session set last_seen_at = ? where hash = ?", utc(now), hash);
    }

    public void deleteSession(String hash) {
        sql.execute("delete from login_session where hash = ?", hash);
    }

    /** Returns how many. */
    public int deleteTokensExpiredBefore(Instant limit) {
        return sql.execute("delete from token where expires_at < ?", utc(limit));
    }

    public void deleteSessionsSeenBefore(Instant limit) {
        sql.execute("delete from login_session where last_seen_at < ?", utc(limit));
    }

    private static Token token(Record row) {
        return new Token(
                Sql.text(row, "id"),
                Sql.text(row, "account"),
                Sql.text(row, "name"),
                Sql.instant(row, "created_at"),
                Sql.optionalInstant(row, "expires_at"),
                Sql.optionalInstant(row, "last_used_at"));
    }
}
