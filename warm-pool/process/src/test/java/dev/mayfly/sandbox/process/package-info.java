/** Tests of the runtime class {@code process} beyond the suite that all classes pass. */
@NullMarked
package dev.mayfly.sandbox.process;

import org.jspecify.annotations.NullMarked;
