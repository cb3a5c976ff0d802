/** Sandboxes by an OCI runtime (runc, crun): a configuration written from constants and a typed request, never from anybody's JSON. */
@NullMarked
package dev.mayfly.sandbox.oci;

import org.jspecify.annotations.NullMarked;
