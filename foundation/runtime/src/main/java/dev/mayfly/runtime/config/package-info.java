/** Configuration: one file, then the environment, into checked records. The only place that reads the environment. */
@NullMarked
package dev.mayfly.runtime.config;

import org.jspecify.annotations.NullMarked;
