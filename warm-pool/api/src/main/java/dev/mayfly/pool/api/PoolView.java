package dev.mayfly.pool.api;

import java.util.List;
import java.util.Map;

/**
 * What the pool of one server holds at this moment, and what it has given out.
 *
 * @param states instances of releases by state
 * @param generics generic instances by what they are
 * @param startsUnderWay instances that are being started or bound
 * @param waiting requests that wait for a place
 * @param memoryMib memory that all living instances may use together by their limits
 * @param memoryMaxMib the most that this may be
 * @param claims places given out since the server started, by what the request met
 * @param misses requests since then that met no instance with room
 */
public record PoolView(
        Map<InstanceState, Integer> states,
        List<Generic> generics,
        int startsUnderWay,
        int waiting,
        long memoryMib,
        long memoryMaxMib,
        Map<StartKind, Long> claims,
        long misses) {
    public PoolView {
        states = Map.copyOf(states);
        generics = List.copyOf(generics);
        claims = Map.copyOf(claims);
    }

    /**
     * Generic instances of one kind.
     *
     * @param key what they are
     * @param ready those that can be bound
     * @param starting those that cannot yet
     * @param target how many are wanted
     * @param refillMillis how long it takes to replace one
     */
    public record Generic(String key, int ready, int starting, int target, long refillMillis) {}
}
