@NullMarked
package dev.mayfly.gateway.routing;

import org.jspecify.annotations.NullMarked;
