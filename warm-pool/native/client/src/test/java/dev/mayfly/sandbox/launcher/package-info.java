/** Tests of the runtime class {@code native} beyond the suite that all classes pass. */
@NullMarked
package dev.mayfly.sandbox.launcher;

import org.jspecify.annotations.NullMarked;
