package dev.mayfly.control.console;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The console's files out of the class path's folder {@code console}. Paths that name no file are pages of the one page that
 * the console is. The content security policy allows nothing but these files and the API beside them.
 */
public final class ConsoleFiles {
    private static final String CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            + " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png",
            "ico", "image/x-icon",
            "woff2", "font/woff2",
            "json", "application/json");

    private final Map<String, Optional<byte[]>> files = new ConcurrentHashMap<>();

    public Router router(Vertx vertx) {
        Router router = Router.router(vertx);
        router.get().handler(this::serve);
        return router;
    }

    private void serve(RoutingContext context) {
        String path = context.normalizedPath();
        boolean asset = path.startsWith("/assets/") || path.matches("/[a-z0-9-]+\\.[a-z0-9]+");
        Optional<byte[]> file = file(asset ? path.substring(1) : "index.html");
        if (file.isEmpty()) {
            context.next();
            return;
        }
        String name = asset ? path : "index.html";
        String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
        context.response()
                .putHeader("content-type", type)
                .putHeader("content-security-policy", CSP)
                .putHeader("x-content-type-options", "nosniff")
                .putHeader("referrer-policy", "same-origin")
                // Names of assets carry a digest of their content.
                .putHeader(
                        "cache-control",
                        asset && path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache")
                .end(Buffer.buffer(file.get()));
    }

    private Optional<byte[]> file(String name) {
        if (name.contains("..") || name.contains("\\")) {
            return Optional.empty();
        }
        return files.size() > 500 ? read(name) : files.computeIfAbsent(name, ConsoleFiles::read);
    }

    private static Optional<byte[]> read(String name) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream("/console/" + name)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
