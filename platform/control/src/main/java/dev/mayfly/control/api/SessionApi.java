package dev.mayfly.control.api;

import dev.mayfly.control.api.json.SessionJson;
import dev.mayfly.control.api.json.TenantJson;
import dev.mayfly.control.api.json.TokenJson;
import dev.mayfly.identity.Identity;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;

/** Signing in and out, tokens, tenants. */
final class SessionApi {
    private final ApiParts parts;
    private final Gate gate;

    SessionApi(ApiParts parts, Gate gate) {
        this.parts = parts;
        this.gate = gate;
    }

    /** Anybody may ask to be let in. */
    Answer signIn(RoutingContext context, JsonObject body) {
        Identity.Session session = body.containsKey("token")
                ? parts.identity().signInByToken(body.getString("token"))
                : parts.identity().signIn(body.getString("name", ""), body.getString("password", ""));
        Cookie cookie = Cookie.cookie(Gate.COOKIE, session.cookie())
                .setHttpOnly(true)
                .setPath("/")
                .setSameSite(CookieSameSite.STRICT)
                .setSecure(context.request().isSSL() || parts.publicUrl().startsWith("https:"));
        return Answer.ok(SessionJson.of(session.principal(), session.csrf())).with("set-cookie", cookie.encode());
    }

    Answer current(Caller caller) {
        String csrf = gate.session(caller.context().request())
                .map(Identity.Session::csrf)
                .orElse("");
        return Answer.ok(SessionJson.of(caller.principal(), csrf));
    }

    Answer signOut(Caller caller) {
        Cookie cookie = caller.context().request().getCookie(Gate.COOKIE);
        if (cookie != null) {
            parts.identity().signOut(cookie.getValue());
        }
        Cookie gone = Cookie.cookie(Gate.COOKIE, "").setPath("/").setMaxAge(0).setHttpOnly(true);
        return Answer.NOTHING.with("set-cookie", gone.encode());
    }

    Answer tenants(Caller caller) {
        return Answer.list(TenantJson.of(caller.principal()));
    }

    Answer tokens(Caller caller) {
        return Answer.list(parts.identity().tokens(caller.principal()).stream()
                .map(TokenJson::of)
                .toList());
    }

    Answer createToken(Caller caller) {
        Integer days = caller.body().getInteger("expiresInDays");
        Identity.NewToken token = parts.identity()
                .createToken(
                        caller.principal(),
                        caller.body().getString("name"),
                        Optional.ofNullable(days).map(Duration::ofDays));
        return Answer.created(TokenJson.of(token.token()).with(token.secret()));
    }

    Answer revokeToken(Caller caller) {
        if (!parts.identity().revokeToken(caller.principal(), caller.path("id"))) {
            throw new MayflyException(ErrorCode.NOT_FOUND, "token '" + caller.path("id") + "' not found");
        }
        return Answer.NOTHING;
    }
}
