/** Which runtime class this machine can offer, and why not the others. */
@NullMarked
package dev.mayfly.sandbox.choice;

import org.jspecify.annotations.NullMarked;
