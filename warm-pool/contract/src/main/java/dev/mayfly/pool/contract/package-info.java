/**
 * What those who use the pool rely on, as tests that each implementation passes: the real ones and the fakes of other rooms'
 * tests. Knows the pool's interfaces alone. Test scope only.
 */
@NullMarked
package dev.mayfly.pool.contract;

import org.jspecify.annotations.NullMarked;
