package dev.mayfly.builders.image;

/**
 * What all layers of one build may have together: the server reads and perhaps copies each byte of them, those in the holes of
 * sparse files too, which take no room where the build wrote them. For one thread.
 */
public final class LayerAllowance {
    private final long bytesMax;
    private final int entriesMax;
    private long bytes;
    private long entries;

    /**
     * @param bytesMax lengths of all files; one with several names counts as often
     * @param entriesMax files, directories and links
     */
    public LayerAllowance(long bytesMax, int entriesMax) {
        this.bytesMax = bytesMax;
        this.entriesMax = entriesMax;
    }

    /** Whether this was one too many. */
    boolean entryIsTooMany() {
        return ++entries > entriesMax;
    }

    /** Whether these were too many. */
    boolean areTooMany(long length) {
        bytes += length;
        return bytes > bytesMax || bytes < 0;
    }

    long bytesMax() {
        return bytesMax;
    }

    int entriesMax() {
        return entriesMax;
    }
}
