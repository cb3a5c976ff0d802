/** TOML that tenants wrote, within limits. It must not know what any file says. */
@NullMarked
package dev.mayfly.builders.engine.toml;

import org.jspecify.annotations.NullMarked;
