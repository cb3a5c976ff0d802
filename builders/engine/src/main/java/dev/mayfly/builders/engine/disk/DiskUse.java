package dev.mayfly.builders.engine.disk;

/**
 * Room that is taken.
 *
 * @param files files and directories
 */
public record DiskUse(long bytes, long files) {
    DiskUse plus(DiskUse other) {
        return new DiskUse(bytes + other.bytes, files + other.files);
    }
}
