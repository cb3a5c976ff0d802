/** Presence, caches and live fan-out between servers. Nothing that must be exact may rest on it. Hazelcast types stay in here. */
@NullMarked
package dev.mayfly.cluster;

import org.jspecify.annotations.NullMarked;
