@NullMarked
package dev.mayfly.builders.engine.base;

import org.jspecify.annotations.NullMarked;
