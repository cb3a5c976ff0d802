@NullMarked
package dev.mayfly.control.git;

import org.jspecify.annotations.NullMarked;
