package dev.mayfly.builders.engine.network;

import dev.mayfly.runtime.config.ConfigReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How builds reach package registries: as this machine does, unless the configuration says otherwise. The app knows nothing
 * of it.
 *
 * @param httpProxy {@code network.http-proxy}: URL, for {@code http:} addresses
 * @param httpsProxy {@code network.https-proxy}: URL, for {@code https:} addresses
 * @param noProxy {@code network.no-proxy}: hosts that are reached directly, separated by commas
 * @param caFile {@code network.ca-file}: certificate authorities in PEM, replacing those of the base image
 * @param npmMirror {@code mirror.npm}: URL of an npm registry
 * @param pypiMirror {@code mirror.pypi}: URL of a Python simple index
 * @param goMirror {@code mirror.go}: value of GOPROXY
 * @param goSums {@code mirror.go-sums}: value of GOSUMDB
 * @param mavenMirror {@code mirror.maven}: URL of a Maven repository that replaces all others
 */
public record OperatorNetwork(
        Optional<String> httpProxy,
        Optional<String> httpsProxy,
        Optional<String> noProxy,
        Optional<Path> caFile,
        Optional<String> npmMirror,
        Optional<String> pypiMirror,
        Optional<String> goMirror,
        Optional<String> goSums,
        Optional<String> mavenMirror) {
    private static final Path HOST_CA = Path.of("/etc/ssl/certs/ca-certificates.crt");

    /**
     * @param environment of this process
     * @param home whose package clients' settings count
     */
    public static OperatorNetwork from(ConfigReader config, Map<String, String> environment, Path home) {
        HostSettings host = new HostSettings(environment, home);
        Optional<Path> ca = config.optional("network.ca-file")
                .or(() -> host.env("SSL_CERT_FILE"))
                .map(Path::of)
                .or(() -> Optional.of(HOST_CA))
                .filter(Files::isReadable);
        return new OperatorNetwork(
                config.optional("network.http-proxy").or(() -> host.env("http_proxy", "HTTP_PROXY")),
                config.optional("network.https-proxy").or(() -> host.env("https_proxy", "HTTPS_PROXY")),
                config.optional("network.no-proxy").or(() -> host.env("no_proxy", "NO_PROXY")),
                ca,
                config.optional("mirror.npm").or(host::npmRegistry),
                config.optional("mirror.pypi").or(host::pythonIndex),
                config.optional("mirror.go").or(() -> host.env("GOPROXY")),
                config.optional("mirror.go-sums").or(() -> host.env("GOSUMDB")),
                config.optional("mirror.maven").or(host::mavenMirror));
    }

    /**
     * Environment of a build, each language by its own means.
     *
     * @param inside directory inside the build that holds what {@link NetworkFiles} writes
     */
    public Map<String, String> environment(String inside) {
        Map<String, String> env = new TreeMap<>();
        httpProxy.ifPresent(url -> both(env, "http_proxy", url));
        httpsProxy.ifPresent(url -> both(env, "https_proxy", url));
        noProxy.ifPresent(hosts -> both(env, "no_proxy", hosts));
        if (caFile.isPresent()) {
            String ca = inside + "/" + NetworkFiles.CA;
            for (String name : new String[] {
                "SSL_CERT_FILE",
                "NODE_EXTRA_CA_CERTS",
                "PIP_CERT",
                "REQUESTS_CA_BUNDLE",
                "CURL_CA_BUNDLE",
                "GIT_SSL_CAINFO"
            }) {
                env.put(name, ca);
            }
            env.put("MAYFLY_JAVA_TRUSTSTORE", inside + "/" + NetworkFiles.TRUST_STORE);
        }
        npmMirror.ifPresent(url -> env.put("NPM_CONFIG_REGISTRY", url));
        pypiMirror.ifPresent(url -> env.put("PIP_INDEX_URL", url));
        goMirror.ifPresent(value -> env.put("GOPROXY", value));
        goSums.ifPresent(value -> env.put("GOSUMDB", value));
        env.put("MAYFLY_MAVEN_SETTINGS", inside + "/" + NetworkFiles.MAVEN_SETTINGS);
        return env;
    }

    /** The proxy for {@code https:}, as Maven wants it. */
    Optional<URI> javaProxy() {
        return httpsProxy.or(() -> httpProxy).map(url -> URI.create(url.contains("://") ? url : "http://" + url));
    }

    /** Programs read either spelling, few read both. */
    private static void both(Map<String, String> env, String name, String value) {
        env.put(name, value);
        env.put(name.toUpperCase(Locale.ROOT), value);
    }
}
