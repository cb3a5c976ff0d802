/** The buildpack phases: detect, analyze, restore, build, export. It must not know which buildpacks exist or who pushed. */
@NullMarked
package dev.mayfly.builders.engine;

import org.jspecify.annotations.NullMarked;
