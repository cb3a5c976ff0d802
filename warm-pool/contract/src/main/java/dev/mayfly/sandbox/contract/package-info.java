/** The suites that every runtime class passes: what it must do, what it must deny, and what its sandboxes may reach. */
@NullMarked
package dev.mayfly.sandbox.contract;

import org.jspecify.annotations.NullMarked;
