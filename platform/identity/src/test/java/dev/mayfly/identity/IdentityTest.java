package dev.mayfly.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.store.Role;
import dev.mayfly.store.Store;
import dev.mayfly.store.StoreConfig;
import dev.mayfly.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdentityTest {
    @TempDir
    Path data;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private Store store;
    private Identity identity;

    @BeforeEach
    void open() {
        store = Store.open(StoreConfig.from(ConfigReader.of(Map.of()), data), clock);
        identity = Identity.open(store, secrets(), clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void theFirstStartMakesAnAdminWhoseSecretsAreForItsOwnerAlone() throws IOException {
        String token = Files.readString(secrets().resolve("admin-token")).strip();
        assertThat(identity.byToken(token)).isPresent();
        for (String name : new String[] {"admin-token", "admin-password"}) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(secrets().resolve(name))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void anotherStartKeepsTheSecrets() throws IOException {
        String before = Files.readString(secrets().resolve("admin-token")).strip();
        Identity again = Identity.open(store, secrets(), clock);
        assertThat(again.byToken(before)).isPresent();
        assertThat(again.tokens(again.byToken(before).orElseThrow())).hasSize(1);
    }

    @Test
    void aRevokedAdminTokenStaysRevoked() throws IOException {
        String secret = Files.readString(secrets().resolve("admin-token")).strip();
        Principal admin = identity.byToken(secret).orElseThrow();
        identity.revokeToken(admin, identity.tokens(admin).getFirst().id());
        assertThat(Identity.open(store, secrets(), clock).byToken(secret)).isEmpty();
        Files.delete(secrets().resolve("admin-token"));
        Identity again = Identity.open(store, secrets(), clock);
        assertThat(again.byToken(
                        Files.readString(secrets().resolve("admin-token")).strip()))
                .contains(admin);
    }

    @Test
    void aTokenWorksUntilItExpiresOrIsRevoked() {
        Principal admin = identity.signIn("admin", password()).principal();
        Identity.NewToken day = identity.createToken(admin, "day", Optional.of(Duration.ofDays(1)));
        Identity.NewToken ever = identity.createToken(admin, "ever", Optional.empty());
        assertThat(identity.byToken(day.secret())).contains(admin);
        clock.advance(Duration.ofDays(2));
        assertThat(identity.byToken(day.secret())).isEmpty();
        assertThat(identity.byToken(ever.secret())).isPresent();
        assertThat(identity.revokeToken(admin, ever.token().id())).isTrue();
        assertThat(identity.byToken(ever.secret())).isEmpty();
    }

    @Test
    void aSessionEndsBySigningOutAndByIdling() {
        Identity.Session one = identity.signIn("admin", password());
        Identity.Session two = identity.signIn("admin", password());
        identity.signOut(one.cookie());
        assertThat(identity.bySession(one.cookie())).isEmpty();
        assertThat(identity.bySession(two.cookie())).isPresent();
        clock.advance(Duration.ofHours(13));
        assertThat(identity.bySession(two.cookie())).isEmpty();
    }

    @Test
    void guessingIsLimitedAndAnUnknownNameLooksLikeAWrongPassword() {
        assertCode(() -> identity.signIn("nobody", "x"), ErrorCode.UNAUTHENTICATED);
        for (int i = 0; i < 10; i++) {
            assertCode(() -> identity.signIn("admin", "wrong"), ErrorCode.UNAUTHENTICATED);
        }
        assertCode(() -> identity.signIn("admin", password()), ErrorCode.RATE_LIMITED);
        clock.advance(Duration.ofMinutes(11));
        assertThat(identity.signIn("admin", password()).principal().name()).isEqualTo("admin");
    }

    @Test
    void anotherTenantDoesNotExistForYouAndYourRoleHasLimits() {
        Principal viewer = new Principal("v", Map.of(new TenantName("a"), Role.VIEWER));
        viewer.require(new TenantName("a"), Permission.READ);
        assertCode(() -> viewer.require(new TenantName("a"), Permission.DEPLOY), ErrorCode.FORBIDDEN);
        assertCode(() -> viewer.require(new TenantName("b"), Permission.READ), ErrorCode.NOT_FOUND);
    }

    @Test
    void onlyAdminsOfTheFirstTenantOperate() {
        for (Role role : Role.values()) {
            Principal member = new Principal("m", Map.of(Identity.FIRST_TENANT, role));
            assertThat(member.operates()).isEqualTo(role == Role.OWNER || role == Role.ADMIN);
        }
        Principal elsewhere = new Principal("e", Map.of(new TenantName("a"), Role.OWNER));
        assertCode(elsewhere::requireOperator, ErrorCode.FORBIDDEN);
        new Principal("o", Map.of(Identity.FIRST_TENANT, Role.ADMIN)).requireOperator();
    }

    private Path secrets() {
        return data.resolve("secrets");
    }

    private String password() {
        try {
            return Files.readString(secrets().resolve("admin-password")).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
