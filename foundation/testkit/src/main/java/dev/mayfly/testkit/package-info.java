/** Manual clock, fakes and shared contract suites. Test scope only. */
@NullMarked
package dev.mayfly.testkit;

import org.jspecify.annotations.NullMarked;
