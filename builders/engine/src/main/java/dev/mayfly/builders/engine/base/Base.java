package dev.mayfly.builders.engine.base;

import dev.mayfly.builders.image.Layer;
import java.nio.file.Path;

/**
 * The images that builds run in and that apps stand on.
 *
 * @param run layer of every app's image
 * @param build root in which buildpacks run: the same with compilers
 */
public record Base(Layer run, Path build) {}
