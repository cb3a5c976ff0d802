/** Sandboxes without any isolation, for machines without privileges. */
@NullMarked
package dev.mayfly.sandbox.process;

import org.jspecify.annotations.NullMarked;
