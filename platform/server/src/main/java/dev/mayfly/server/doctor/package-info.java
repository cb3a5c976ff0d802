/** Says what this machine lacks, and what that costs. */
@NullMarked
package dev.mayfly.server.doctor;

import org.jspecify.annotations.NullMarked;
