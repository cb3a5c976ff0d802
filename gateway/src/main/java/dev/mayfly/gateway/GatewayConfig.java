package dev.mayfly.gateway;

import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * Settings of the gateway.
 *
 * @param host {@code gateway.host}: address to listen on
 * @param port {@code gateway.port}: of the apps; 0 takes a free one
 * @param loops {@code gateway.loops}: event loops, each with its own connections to instances; 0: one per processor
 * @param connectionsMax {@code gateway.connections-max}: open connections of callers per event loop
 * @param headerBytesMax {@code gateway.header-bytes-max}: of one request's header fields together
 * @param headersMax {@code gateway.headers-max}: number of header fields of one request
 * @param uriBytesMax {@code gateway.uri-bytes-max}: of a request line
 * @param headTimeout {@code gateway.head-timeout}: from an open connection to the end of a request's head
 * @param keepAlive {@code gateway.keep-alive}: how long a caller's connection may wait for its next request
 * @param inFlightMax {@code gateway.in-flight-max}: calls at once, all apps together
 * @param inFlightPerAppMax {@code gateway.in-flight-per-app-max}: calls at once to one app
 * @param drainTimeout {@code gateway.drain-timeout}: how long a stop waits for calls in flight
 */
public record GatewayConfig(
        String host,
        int port,
        int loops,
        int connectionsMax,
        int headerBytesMax,
        int headersMax,
        int uriBytesMax,
        Duration headTimeout,
        Duration keepAlive,
        int inFlightMax,
        int inFlightPerAppMax,
        Duration drainTimeout,
        CallLimits calls) {
    public static final GatewayConfig DEFAULTS = new GatewayConfig(
            "0.0.0.0",
            8080,
            0,
            10_000,
            16_384,
            100,
            8_192,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            10_000,
            2_000,
            Duration.ofSeconds(25),
            CallLimits.DEFAULTS);

    public GatewayConfig {
        require(port >= 0 && port <= 65_535, "port", port, "0 to 65535");
        require(loops >= 0 && loops <= 1_024, "loops", loops, "0 to 1024");
        require(connectionsMax >= 1, "connections-max", connectionsMax, ">= 1");
        require(headerBytesMax >= 1_024, "header-bytes-max", headerBytesMax, ">= 1024");
        require(headersMax >= 8, "headers-max", headersMax, ">= 8");
        require(uriBytesMax >= 256, "uri-bytes-max", uriBytesMax, ">= 256");
        require(headTimeout.isPositive(), "head-timeout", headTimeout, "> 0");
        require(keepAlive.isPositive(), "keep-alive", keepAlive, "> 0");
        require(inFlightMax >= 1, "in-flight-max", inFlightMax, ">= 1");
        require(inFlightPerAppMax >= 1, "in-flight-per-app-max", inFlightPerAppMax, ">= 1");
        require(!drainTimeout.isNegative(), "drain-timeout", drainTimeout, ">= 0");
        require(calls.queueTimeout().isPositive(), "queue-timeout", calls.queueTimeout(), "> 0");
        require(calls.idleTimeout().isPositive(), "idle-timeout", calls.idleTimeout(), "> 0");
        require(calls.bodyBytesMax() >= 0, "body-bytes-max", calls.bodyBytesMax(), ">= 0");
    }

    public static GatewayConfig from(ConfigReader config) {
        CallLimits calls = DEFAULTS.calls;
        return new GatewayConfig(
                config.string("gateway.host", DEFAULTS.host),
                config.integer("gateway.port", DEFAULTS.port),
                config.integer("gateway.loops", DEFAULTS.loops),
                config.integer("gateway.connections-max", DEFAULTS.connectionsMax),
                config.integer("gateway.header-bytes-max", DEFAULTS.headerBytesMax),
                config.integer("gateway.headers-max", DEFAULTS.headersMax),
                config.integer("gateway.uri-bytes-max", DEFAULTS.uriBytesMax),
                config.duration("gateway.head-timeout", DEFAULTS.headTimeout),
                config.duration("gateway.keep-alive", DEFAULTS.keepAlive),
                config.integer("gateway.in-flight-max", DEFAULTS.inFlightMax),
                config.integer("gateway.in-flight-per-app-max", DEFAULTS.inFlightPerAppMax),
                config.duration("gateway.drain-timeout", DEFAULTS.drainTimeout),
                new CallLimits(
                        config.duration("gateway.queue-timeout", calls.queueTimeout()),
                        config.duration("gateway.idle-timeout", calls.idleTimeout()),
                        config.longInteger("gateway.body-bytes-max", calls.bodyBytesMax()),
                        calls.connectTimeout(),
                        calls.deathWait(),
                        calls.connectionsPerInstance()));
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw ConfigException.of("gateway." + key, value, expected);
        }
    }
}
