/** The one metrics registry. The only place that knows which kind it is. */
@NullMarked
package dev.mayfly.runtime.metrics;

import org.jspecify.annotations.NullMarked;
