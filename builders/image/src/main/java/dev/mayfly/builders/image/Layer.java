package dev.mayfly.builders.image;

import java.nio.file.Path;

/**
 * One layer of images on this machine. It is kept unpacked, as instances mount it, and never changes.
 *
 * @param digest of its uncompressed tar, {@code sha256:…}: the diffID of the OCI image specification
 * @param sizeBytes of that tar
 * @param directory laid out from the image's root
 */
public record Layer(String digest, long sizeBytes, Path directory) {}
