@NullMarked
package dev.mayfly.control.deploy;

import org.jspecify.annotations.NullMarked;
