@NullMarked
package dev.mayfly.cluster;

import org.jspecify.annotations.NullMarked;
