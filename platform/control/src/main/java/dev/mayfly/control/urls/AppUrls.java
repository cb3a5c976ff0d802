package dev.mayfly.control.urls;

import dev.mayfly.model.AppRef;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;

/**
 * Names under which apps are reached: {@code <app>.<tenant>.<domain>}.
 *
 * @param domain {@code apps.domain}: leads to this server with all names below it; {@code localhost} does so on every
 *     machine
 * @param scheme {@code apps.scheme}: of the URLs that people see: {@code https} behind a proxy that ends TLS
 * @param port {@code apps.port}: in the URLs that people see; 0: the gateway's
 */
public record AppUrls(String domain, String scheme, int port) {
    public AppUrls {
        if (!domain.matches("[a-z0-9]([a-z0-9.-]{0,180}[a-z0-9])?")) {
            throw ConfigException.of("apps.domain", "'" + domain + "'", "a host name");
        }
        if (!scheme.matches("https?")) {
            throw ConfigException.of("apps.scheme", "'" + scheme + "'", "http or https");
        }
        if (port < 0 || port > 65_535) {
            throw ConfigException.of("apps.port", port, "0 to 65535");
        }
    }

    public static AppUrls from(ConfigReader config) {
        return new AppUrls(
                config.string("apps.domain", "localhost"),
                config.string("apps.scheme", "http"),
                config.integer("apps.port", 0));
    }

    /** The same with the gateway's port if none was given. */
    public AppUrls withGatewayPort(int gateway) {
        return port == 0 ? new AppUrls(domain, scheme, gateway) : this;
    }

    public String host(AppRef app) {
        return app.app().value() + "." + app.tenant().value() + "." + domain;
    }

    public String url(AppRef app) {
        boolean usual = port == (scheme.equals("https") ? 443 : 80);
        return scheme + "://" + host(app) + (usual ? "" : ":" + port) + "/";
    }
}
