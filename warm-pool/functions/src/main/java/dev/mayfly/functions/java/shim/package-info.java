/**
 * The shim of Java functions. Runs inside instances on Java 17 and later and must not need anything but the JDK: what it knows
 * of the Functions Framework it finds by reflection in the tenant's own class path.
 */
@NullMarked
package dev.mayfly.functions.java.shim;

import org.jspecify.annotations.NullMarked;
