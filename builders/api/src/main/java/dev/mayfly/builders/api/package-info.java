/** From one source tree to one image: request, log, result. It must not know buildpacks, tenants' accounts or HTTP. */
@NullMarked
package dev.mayfly.builders.api;

import org.jspecify.annotations.NullMarked;
