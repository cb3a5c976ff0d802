@NullMarked
package dev.mayfly.gateway.calls;

import org.jspecify.annotations.NullMarked;
