/** The built-in buildpacks, each a real CNB buildpack in a folder of its own under resources. It must not know the engine. */
@NullMarked
package dev.mayfly.builders.buildpacks;

import org.jspecify.annotations.NullMarked;
