@NullMarked
package dev.mayfly.control.api;

import org.jspecify.annotations.NullMarked;
