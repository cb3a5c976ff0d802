@NullMarked
package dev.mayfly.builders.buildpacks;

import org.jspecify.annotations.NullMarked;
