package dev.mayfly.control.api;

import dev.mayfly.identity.Identity;
import dev.mayfly.identity.Principal;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;

/** Lets in who has a token or a session. Blocking. */
final class Gate {
    static final String COOKIE = "mayfly_session";
    static final String CSRF = "x-mayfly-csrf";
    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final Identity identity;

    Gate(Identity identity) {
        this.identity = identity;
    }

    /** @throws MayflyException {@code UNAUTHENTICATED}; {@code FORBIDDEN} for a change without the session's text */
    Principal enter(HttpServerRequest request) {
        Optional<String> token = bearer(request);
        if (token.isPresent()) {
            return identity.byToken(token.get())
                    .orElseThrow(() -> new MayflyException(
                            ErrorCode.UNAUTHENTICATED, "the token is unknown or has expired (try: mayfly login)"));
        }
        Identity.Session session = session(request)
                .orElseThrow(() -> new MayflyException(ErrorCode.UNAUTHENTICATED, "sign in first (try: mayfly login)"));
        String given = Optional.ofNullable(request.getHeader(CSRF)).orElse("");
        if (!SAFE.contains(request.method()) && !Identity.csrfMatches(session, given)) {
            throw new MayflyException(
                    ErrorCode.FORBIDDEN, "header X-Mayfly-Csrf: missing or wrong (expected: that of the session)");
        }
        return session.principal();
    }

    Optional<Identity.Session> session(HttpServerRequest request) {
        Cookie cookie = request.getCookie(COOKIE);
        return cookie == null ? Optional.empty() : identity.bySession(cookie.getValue());
    }

    private static Optional<String> bearer(HttpServerRequest request) {
        String header = request.getHeader("authorization");
        return header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? Optional.of(header.substring(7).strip())
                : Optional.empty();
    }
}
