/**
 * The acceptance tests: a newcomer with ./mayfly, git, curl and a browser. They know nothing of the code behind it. Each
 * class is one thing a person does; they share one server, except where servers start, stop or die.
 */
@NullMarked
package dev.mayfly.e2e;

import org.jspecify.annotations.NullMarked;
