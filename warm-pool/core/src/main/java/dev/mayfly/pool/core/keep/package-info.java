/** Keep-alive policies: when an idle app is loaded. Pure arithmetic on idle times; it must not know instances, caps or a clock. */
@NullMarked
package dev.mayfly.pool.core.keep;

import org.jspecify.annotations.NullMarked;
