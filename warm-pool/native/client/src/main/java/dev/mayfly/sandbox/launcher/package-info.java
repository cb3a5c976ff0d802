/**
 * The runtime class {@code native}: the server's side of the launcher, a small resident process that makes sandboxes (its
 * protocol is in {@code warm-pool/native/launcher/README.md}). It must not know what runs in a sandbox or why.
 */
@NullMarked
package dev.mayfly.sandbox.launcher;

import org.jspecify.annotations.NullMarked;
