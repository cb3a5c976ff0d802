/** The mayfly command: a client of the public API and nothing else. */
@NullMarked
package dev.mayfly.cli;

import org.jspecify.annotations.NullMarked;
