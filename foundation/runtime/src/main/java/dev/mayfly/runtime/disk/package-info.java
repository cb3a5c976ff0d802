/** The disk that holds the data folder: how much room there is, and how much of it is kept for the database and the logs. */
@NullMarked
package dev.mayfly.runtime.disk;

import org.jspecify.annotations.NullMarked;
