/** What the machine is asked for beside the thing that is measured: memory, traces of sandboxes, folders, small C programs. */
@NullMarked
package dev.mayfly.bench.machine;

import org.jspecify.annotations.NullMarked;
