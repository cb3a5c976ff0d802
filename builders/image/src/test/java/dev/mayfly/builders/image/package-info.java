@NullMarked
package dev.mayfly.builders.image;

import org.jspecify.annotations.NullMarked;
