@NullMarked
package dev.mayfly.gateway;

import org.jspecify.annotations.NullMarked;
