/**
 * Attacks: each plays a hostile tenant, build or caller against a server of its own, beside an honest app with honest callers, and
 * then looks at the host, the neighbour and the server. It knows only what strangers know; what it must not know is Mayfly's inside.
 */
@NullMarked
package dev.mayfly.bench.attack;

import org.jspecify.annotations.NullMarked;
