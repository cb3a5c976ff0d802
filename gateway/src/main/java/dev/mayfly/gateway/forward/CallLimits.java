package dev.mayfly.gateway.forward;

import java.time.Duration;

/**
 * Bounds of one call. The total timer and the start timer come with the release.
 *
 * @param queueTimeout {@code gateway.queue-timeout}: the queue timer: for a place in an instance, on top of the
 *     release's start timeout
 * @param idleTimeout {@code gateway.idle-timeout}: the idle timer: without a byte in either direction while one side is
 *     sending
 * @param bodyBytesMax {@code gateway.body-bytes-max}: bytes of a request's body
 * @param connectTimeout to an instance
 * @param deathWait how long to wait for the pool to say why an instance closed the connection
 * @param connectionsPerInstance kept while no call is on them, per event loop; those with a call are as many as leases
 */
public record CallLimits(
        Duration queueTimeout,
        Duration idleTimeout,
        long bodyBytesMax,
        Duration connectTimeout,
        Duration deathWait,
        int connectionsPerInstance) {
    public static final CallLimits DEFAULTS = new CallLimits(
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            1L << 30,
            Duration.ofSeconds(2),
            Duration.ofMillis(500),
            1_000);
}
