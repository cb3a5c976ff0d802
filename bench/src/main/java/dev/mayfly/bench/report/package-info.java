/** What a benchmark is, and what it finds: rows, samples, lengths. It must not know what is measured. */
@NullMarked
package dev.mayfly.bench.report;

import org.jspecify.annotations.NullMarked;
