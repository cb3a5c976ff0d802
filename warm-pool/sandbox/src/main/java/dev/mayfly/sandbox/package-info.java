/** Isolated containers by runtime class, their networks, and proof that nothing of them is left. It must not know apps, releases or HTTP. */
@NullMarked
package dev.mayfly.sandbox;

import org.jspecify.annotations.NullMarked;
