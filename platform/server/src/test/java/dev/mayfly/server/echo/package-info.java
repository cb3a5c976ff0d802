/** A language of functions that is not one of Mayfly, with all that a language has. */
@NullMarked
package dev.mayfly.server.echo;

import org.jspecify.annotations.NullMarked;
