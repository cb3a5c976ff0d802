package dev.mayfly.control.api;

import dev.mayfly.identity.Identity;
import dev.mayfly.identity.Principal;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.AccountRows;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        return Answer.ok(view(session.principal(), session.csrf())).with("set-cookie", cookie.encode());
    }

    Answer current(Caller caller) {
        String csrf = gate.session(caller.context().request())
                .map(Identity.Session::csrf)
                .orElse("");
        return Answer.ok(view(caller.principal(), csrf));
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
        return Answer.list(tenants(caller.principal()));
    }

    Answer tokens(Caller caller) {
        List<Map<String, Object>> items = new ArrayList<>();
        parts.identity().tokens(caller.principal()).forEach(token -> items.add(view(token)));
        return Answer.list(items);
    }

    Answer createToken(Caller caller) {
        Integer days = caller.body().getInteger("expiresInDays");
        Identity.NewToken token = parts.identity()
                .createToken(
                        caller.principal(),
                        caller.body().getString("name"),
                        Optional.ofNullable(days).map(Duration::ofDays));
        Map<String, Object> view = view(token.token());
        view.put("token", token.secret());
        return Answer.created(view);
    }

    Answer revokeToken(Caller caller) {
        if (!parts.identity().revokeToken(caller.principal(), caller.path("id"))) {
            throw new MayflyException(ErrorCode.NOT_FOUND, "token '" + caller.path("id") + "' not found");
        }
        return Answer.NOTHING;
    }

    private static Map<String, Object> view(Principal principal, String csrf) {
        return Map.of(
                "user",
                principal.name(),
                "csrf",
                csrf,
                "tenants",
                tenants(principal),
                "operator",
                principal.operates());
    }

    private static List<Map<String, Object>> tenants(Principal principal) {
        List<Map<String, Object>> items = new ArrayList<>();
        principal.tenants().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(each -> items.add(Map.of(
                        "name", each.getKey().value(), "role", each.getValue().wireName())));
        return items;
    }

    private static Map<String, Object> view(AccountRows.Token token) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", token.id());
        view.put("name", token.name());
        view.put("createdAt", token.createdAt().toString());
        token.expiresAt().map(Instant::toString).ifPresent(at -> view.put("expiresAt", at));
        token.lastUsedAt().map(Instant::toString).ifPresent(at -> view.put("lastUsedAt", at));
        return view;
    }
}
