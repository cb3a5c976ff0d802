@NullMarked
package dev.mayfly.builders.toolchains.host;

import org.jspecify.annotations.NullMarked;
