package dev.mayfly.runtime.disk;

/**
 * What a file system has and what of it is free, for who is not root.
 *
 * @param files files and directories that can be made; {@link Long#MAX_VALUE} where only bytes limit them
 * @param filesTotal the same
 */
public record Room(long bytes, long bytesTotal, long files, long filesTotal) {}
