@NullMarked
package dev.mayfly.builders.engine.disk;

import org.jspecify.annotations.NullMarked;
