/** Who is asking: local accounts, tokens and sessions, roles in a tenant. It must not know apps or requests to them. */
@NullMarked
package dev.mayfly.identity;

import org.jspecify.annotations.NullMarked;
