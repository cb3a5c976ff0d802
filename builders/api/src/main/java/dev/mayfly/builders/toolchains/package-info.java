/** What builds need beside the app's own packages: runtimes and compilers, one directory each. */
@NullMarked
package dev.mayfly.builders.toolchains;

import org.jspecify.annotations.NullMarked;
