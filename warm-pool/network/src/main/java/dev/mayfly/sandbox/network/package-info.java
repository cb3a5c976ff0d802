/** A network of its own for every sandbox, and one firewall table that says where it may go. */
@NullMarked
package dev.mayfly.sandbox.network;

import org.jspecify.annotations.NullMarked;
