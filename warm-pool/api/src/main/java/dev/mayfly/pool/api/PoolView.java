package dev.mayfly.pool.api;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

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
 * @param genericClaims instances since then that were made of a generic one
 * @param genericMisses instances since then that could have been made of a generic one, had there been one
 * @param memoryFreeMib memory that is free on the machine; empty until it was looked at
 * @param caps what all this may be at most
 */
public record PoolView(
        Map<InstanceState, Integer> states,
        List<Generic> generics,
        int startsUnderWay,
        int waiting,
        long memoryMib,
        long memoryMaxMib,
        Map<StartKind, Long> claims,
        long misses,
        long genericClaims,
        long genericMisses,
        OptionalLong memoryFreeMib,
        Caps caps) {
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
     * @param claims how many were bound, since this kind is held
     * @param misses how often there was none to bind
     */
    public record Generic(
            String key, int ready, int starting, int target, long refillMillis, long claims, long misses) {}

    /**
     * What is never exceeded.
     *
     * @param instances living instances of all tenants, generic ones included
     * @param tenantInstances those of one tenant
     * @param releaseInstances those of one release
     * @param starts starts under way at once
     * @param tenantMemoryMib memory that the living instances of one tenant may use together by their limits
     * @param memoryReserveMib memory that stays free on the machine: with less, idle instances go
     * @param waiting requests of one release that may wait
     * @param genericOfKind generic instances of one kind
     */
    public record Caps(
            int instances,
            int tenantInstances,
            int releaseInstances,
            int starts,
            long tenantMemoryMib,
            long memoryReserveMib,
            int waiting,
            int genericOfKind) {}
}
