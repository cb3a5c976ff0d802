/** The HTTP API. It must not decide anything that another client could not ask for too. */
@NullMarked
package dev.mayfly.control.api;

import org.jspecify.annotations.NullMarked;
