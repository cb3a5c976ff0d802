/** What is measured against: the kernel alone, another program without our code, nginx. */
@NullMarked
package dev.mayfly.bench.peers;

import org.jspecify.annotations.NullMarked;
