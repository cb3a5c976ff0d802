package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The operator's proxies: one for each kind of address, none for the hosts that are reached directly. */
public final class Proxies extends ProxySelector {
    private final Optional<Proxy> http;
    private final Optional<Proxy> https;
    private final DirectHosts direct;

    /**
     * @param http URL of the proxy for {@code http:} addresses
     * @param https the same for {@code https:}
     * @param direct hosts that are reached without them, as {@code no_proxy} lists them
     */
    public Proxies(Optional<String> http, Optional<String> https, Optional<String> direct) {
        this.http = http.map(Proxies::proxy);
        this.https = https.map(Proxies::proxy);
        this.direct = new DirectHosts(direct.orElse(""));
    }

    private static Proxy proxy(String url) {
        URI uri = URI.create(url.contains("://") ? url : "http://" + url);
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort()));
    }

    @Override
    public List<Proxy> select(URI url) {
        Optional<Proxy> proxy = "https".equalsIgnoreCase(url.getScheme()) ? https : http;
        return List.of(direct.contains(url) ? Proxy.NO_PROXY : proxy.orElse(Proxy.NO_PROXY));
    }

    /** Nothing is learned from it: who called gets the failure, and there is no other proxy to take. */
    @Override
    public void connectFailed(URI url, SocketAddress proxy, IOException failure) {}
}
