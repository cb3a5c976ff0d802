@NullMarked
package dev.mayfly.builders.engine.network;

import org.jspecify.annotations.NullMarked;
