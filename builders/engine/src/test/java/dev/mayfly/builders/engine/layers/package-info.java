@NullMarked
package dev.mayfly.builders.engine.layers;

import org.jspecify.annotations.NullMarked;
