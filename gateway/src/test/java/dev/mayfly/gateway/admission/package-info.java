@NullMarked
package dev.mayfly.gateway.admission;

import org.jspecify.annotations.NullMarked;
