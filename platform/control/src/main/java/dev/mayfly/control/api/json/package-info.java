/** What the API answers and live events carry, as records in the shapes of {@code openapi.yaml}. It must not know HTTP. */
@NullMarked
package dev.mayfly.control.api.json;

import org.jspecify.annotations.NullMarked;
