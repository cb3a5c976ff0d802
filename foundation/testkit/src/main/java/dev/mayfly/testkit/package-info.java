/** A clock that tests move, and small disks that they fill. Test scope only. */
@NullMarked
package dev.mayfly.testkit;

import org.jspecify.annotations.NullMarked;
