/** What buildpacks leave below /layers: layers, environments, processes. */
@NullMarked
package dev.mayfly.builders.engine.layers;

import org.jspecify.annotations.NullMarked;
