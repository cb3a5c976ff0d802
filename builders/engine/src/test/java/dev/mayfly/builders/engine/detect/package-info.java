@NullMarked
package dev.mayfly.builders.engine.detect;

import org.jspecify.annotations.NullMarked;
