package dev.mayfly.gateway.forward;

import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.Lease;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;

/** Connections to instances, kept for a moment and never shared between two of them. */
final class Instances {
    /** Below the idle time of the servers that apps use (gunicorn 2 s, Node 5 s), so that none closes on a request of ours. */
    private static final int KEEP_ALIVE_SECONDS = 1;

    private static final int ANSWER_HEADER_BYTES_MAX = 64 * 1024;

    private final HttpClient client;
    private final int connectMillis;

    Instances(Vertx vertx, CallLimits limits) {
        this.connectMillis = Math.toIntExact(limits.connectTimeout().toMillis());
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setHttp2ClearTextUpgrade(false)
                .setKeepAlive(true)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setPipelining(false)
                .setDecompressionSupported(false)
                .setMaxHeaderSize(ANSWER_HEADER_BYTES_MAX)
                .setMaxChunkSize(16 * 1024)
                .setConnectTimeout(connectMillis)
                .setTcpNoDelay(true);
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(limits.connectionsPerInstance());
        this.client = vertx.createHttpClient(options, pool);
    }

    /** A request on a connection to the leased instance; fails before a byte was sent, or not at all. */
    Future<HttpClientRequest> request(Lease lease, HttpMethod method, String target, MultiMap headers) {
        // The name takes part in the key of the connection pool: an address may come back under another instance.
        RequestOptions options = new RequestOptions()
                .setServer(socket(lease.address()))
                .setHost(lease.instanceId())
                .setPort(80)
                .setMethod(method)
                .setURI(target)
                .setHeaders(headers)
                .setConnectTimeout(connectMillis);
        return client.request(options);
    }

    private static SocketAddress socket(InstanceAddress address) {
        return switch (address) {
            case InstanceAddress.UnixSocket unix ->
                SocketAddress.domainSocketAddress(unix.path().toString());
            case InstanceAddress.Tcp tcp -> SocketAddress.inetSocketAddress(tcp.port(), tcp.host());
        };
    }
}
