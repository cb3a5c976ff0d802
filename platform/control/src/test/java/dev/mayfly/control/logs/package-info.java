@NullMarked
package dev.mayfly.control.logs;

import org.jspecify.annotations.NullMarked;
