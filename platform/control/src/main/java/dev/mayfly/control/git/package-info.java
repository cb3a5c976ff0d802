/** Git over HTTP: receiving a push, serving a clone. It must not know how anything is built. */
@NullMarked
package dev.mayfly.control.git;

import org.jspecify.annotations.NullMarked;
