/** Which buildpacks build an app: order groups and build plans (Buildpack API 0.12). Pure decisions. */
@NullMarked
package dev.mayfly.builders.engine.detect;

import org.jspecify.annotations.NullMarked;
