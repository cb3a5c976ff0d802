@NullMarked
package dev.mayfly.pool.contracts;

import org.jspecify.annotations.NullMarked;
