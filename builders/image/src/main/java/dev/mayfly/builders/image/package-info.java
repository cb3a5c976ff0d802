/** OCI images on this machine: layers, layout, unpacked trees. It must not know buildpacks or builds. */
@NullMarked
package dev.mayfly.builders.image;

import org.jspecify.annotations.NullMarked;
