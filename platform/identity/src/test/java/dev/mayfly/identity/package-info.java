@NullMarked
package dev.mayfly.identity;

import org.jspecify.annotations.NullMarked;
