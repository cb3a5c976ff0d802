@NullMarked
package dev.mayfly.builders.engine.toml;

import org.jspecify.annotations.NullMarked;
