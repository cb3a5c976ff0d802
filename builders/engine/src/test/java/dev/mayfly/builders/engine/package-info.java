@NullMarked
package dev.mayfly.builders.engine;

import org.jspecify.annotations.NullMarked;
