@NullMarked
package dev.mayfly.builders.engine.manifest;

import org.jspecify.annotations.NullMarked;
