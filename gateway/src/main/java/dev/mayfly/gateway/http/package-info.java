/** What one HTTP message may look like: head checks, header hygiene, ids, problem answers. Knows nothing of instances. */
@NullMarked
package dev.mayfly.gateway.http;

import org.jspecify.annotations.NullMarked;
