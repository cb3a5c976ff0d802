@NullMarked
package dev.mayfly.functions;

import org.jspecify.annotations.NullMarked;
