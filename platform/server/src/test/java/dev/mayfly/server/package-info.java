@NullMarked
package dev.mayfly.server;

import org.jspecify.annotations.NullMarked;
