/** What builds take of the disk, and their end when it is too much. It must not know what builds do. */
@NullMarked
package dev.mayfly.builders.engine.disk;

import org.jspecify.annotations.NullMarked;
