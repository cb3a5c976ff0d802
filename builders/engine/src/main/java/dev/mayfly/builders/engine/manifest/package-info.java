/** Reads mayfly.toml. It must not know how anything is built. */
@NullMarked
package dev.mayfly.builders.engine.manifest;

import org.jspecify.annotations.NullMarked;
