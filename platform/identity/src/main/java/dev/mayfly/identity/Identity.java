package dev.mayfly.identity;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Ids;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import dev.mayfly.store.AccountRows;
import dev.mayfly.store.Role;
import dev.mayfly.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who may come in: tokens for programs, names and passwords and sessions for people. Blocking: it asks the database. */
public final class Identity {
    public static final TenantName FIRST_TENANT = new TenantName("local");
    public static final String ADMIN = "admin";

    private static final String TOKEN_PREFIX = "mfp_";
    private static final int TOKENS_MAX = 100;
    private static final Duration SESSION_IDLE = Duration.ofHours(12);
    private static final Duration SESSION_MAX = Duration.ofDays(7);
    private static final Duration SEEN_STEP = Duration.ofMinutes(1);

    /**
     * A session as its owner gets it.
     *
     * @param cookie secret; empty when the session was found by it
     * @param csrf must come back with every change
     */
    public record Session(String cookie, String csrf, Principal principal) {
        @Override
        public String toString() {
            return "Session[" + principal.name() + "]";
        }
    }

    /** @param secret shown once */
    public record NewToken(AccountRows.Token token, String secret) {
        @Override
        public String toString() {
            return "NewToken[" + token.id() + "]";
        }
    }

    private final Store store;
    private final Clock clock;
    private final SignInLimit limit;
    private final String nobodysHash = Passwords.nobodysHash();

    private Identity(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
        this.limit = new SignInLimit(clock);
    }

    /**
     * Opens, and on the first start makes the tenant {@code local} with its admin, whose token and password are in files of
     * this folder that only their owner may read.
     */
    public static Identity open(Store store, Path secrets, Clock clock) {
        Identity identity = new Identity(store, clock);
        try {
            identity.bootstrap(secrets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return identity;
    }

    private void bootstrap(Path secrets) throws IOException {
        Files.createDirectories(secrets);
        Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rwx------"));
        store.tenants().create(FIRST_TENANT);
        boolean firstStart = store.accounts().passwordHash(ADMIN).isEmpty();
        if (firstStart) {
            String password = secretFile(secrets.resolve("admin-password"), "");
            store.accounts().create(ADMIN, Passwords.hash(password), clock.instant());
            store.tenants().setRole(FIRST_TENANT, ADMIN, Role.OWNER);
        }
        Path tokenFile = secrets.resolve("admin-token");
        boolean fresh = Files.notExists(tokenFile);
        String digest = Secrets.digest(secretFile(tokenFile, TOKEN_PREFIX));
        // Once revoked it stays so, unless somebody deletes the file.
        if ((firstStart || fresh) && store.accounts().tokenByHash(digest).isEmpty()) {
            store.accounts().addToken(token("admin-token file", Optional.empty(), ADMIN), digest);
        }
    }

    /** The secret in this file, made if missing. */
    private static String secretFile(Path file, String prefix) throws IOException {
        if (Files.notExists(file)) {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, prefix + Secrets.random() + "\n", StandardOpenOption.WRITE);
            Files.move(fresh, file);
        }
        return Files.readString(file).strip();
    }

    /** The principal of a token; empty if it is unknown or has expired. */
    public Optional<Principal> byToken(String secret) {
        if (!secret.startsWith(TOKEN_PREFIX)) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Optional<AccountRows.Token> token = store.accounts()
                .tokenByHash(Secrets.digest(secret))
                .filter(found -> found.expiresAt().map(now::isBefore).orElse(true));
        token.filter(found -> stale(found.lastUsedAt(), now))
                .ifPresent(found -> store.accounts().tokenUsed(found.id(), now));
        return token.map(found -> principal(found.account()));
    }

    /**
     * A session for a name and password.
     *
     * @throws MayflyException {@code UNAUTHENTICATED} or, after many failures, {@code RATE_LIMITED}
     */
    public Session signIn(String name, String password) {
        if (limit.reached(name)) {
            throw new MayflyException(ErrorCode.RATE_LIMITED, "too many failed sign-ins; wait ten minutes");
        }
        // An unknown name costs as much time as a wrong password.
        String hash = store.accounts().passwordHash(name).orElse(nobodysHash);
        if (password.isEmpty() || !Passwords.matches(password, hash)) {
            limit.failed(name);
            throw new MayflyException(ErrorCode.UNAUTHENTICATED, "name or password is wrong");
        }
        limit.succeeded(name);
        return begin(name);
    }

    /** A session for the owner of a token. */
    public Session signInByToken(String secret) {
        Principal principal = byToken(secret)
                .orElseThrow(
                        () -> new MayflyException(ErrorCode.UNAUTHENTICATED, "the token is unknown or has expired"));
        return begin(principal.name());
    }

    private Session begin(String account) {
        Instant now = clock.instant();
        store.accounts().deleteSessionsSeenBefore(now.minus(SESSION_IDLE));
        String cookie = Secrets.random();
        String csrf = Secrets.random();
        store.accounts().addSession(new AccountRows.Session(Secrets.digest(cookie), account, csrf, now, now));
        return new Session(cookie, csrf, principal(account));
    }

    /** The session of a cookie; empty if it is unknown or too old. */
    public Optional<Session> bySession(String cookie) {
        Instant now = clock.instant();
        String hash = Secrets.digest(cookie);
        Optional<AccountRows.Session> session = store.accounts()
                .session(hash)
                .filter(found -> found.lastSeenAt().plus(SESSION_IDLE).isAfter(now))
                .filter(found -> found.createdAt().plus(SESSION_MAX).isAfter(now));
        session.filter(found -> stale(Optional.of(found.lastSeenAt()), now))
                .ifPresent(found -> store.accounts().sessionSeen(hash, now));
        return session.map(found -> new Session("", found.csrf(), principal(found.account())));
    }

    public void signOut(String cookie) {
        store.accounts().deleteSession(Secrets.digest(cookie));
    }

    /** Whether the text that came with a change is the session's. */
    public static boolean csrfMatches(Session session, String given) {
        return Secrets.same(session.csrf(), given);
    }

    /** @param expiresIn empty: never */
    public NewToken createToken(Principal principal, String name, Optional<Duration> expiresIn) {
        if (store.accounts().tokens(principal.name()).size() >= TOKENS_MAX) {
            throw new MayflyException(
                    ErrorCode.QUOTA_EXCEEDED, "tokens: " + TOKENS_MAX + " (expected: fewer; revoke one)");
        }
        String secret = TOKEN_PREFIX + Secrets.random();
        AccountRows.Token token = token(name, expiresIn, principal.name());
        store.accounts().addToken(token, Secrets.digest(secret));
        return new NewToken(token, secret);
    }

    public List<AccountRows.Token> tokens(Principal principal) {
        return store.accounts().tokens(principal.name());
    }

    /** Returns whether there was such a token of the principal's. */
    public boolean revokeToken(Principal principal, String id) {
        return store.accounts().deleteToken(principal.name(), id);
    }

    private AccountRows.Token token(String name, Optional<Duration> expiresIn, String account) {
        Instant now = clock.instant();
        return new AccountRows.Token(
                Ids.next("tok_", clock), account, name, now, expiresIn.map(now::plus), Optional.empty());
    }

    private Principal principal(String account) {
        return new Principal(account, store.tenants().of(account));
    }

    /** Times of last use are written once a minute, not at every request. */
    private static boolean stale(Optional<Instant> last, Instant now) {
        return last.map(at -> at.plus(SEEN_STEP).isBefore(now)).orElse(true);
    }
}
