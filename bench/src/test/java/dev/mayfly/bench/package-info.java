/** Every benchmark in its short form: that it measures, says so in one shape and leaves nothing; not how fast anything is. */
@NullMarked
package dev.mayfly.bench;

import org.jspecify.annotations.NullMarked;
