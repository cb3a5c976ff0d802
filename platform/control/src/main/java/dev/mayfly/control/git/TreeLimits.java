package dev.mayfly.control.git;

import dev.mayfly.runtime.config.ConfigReader;

/**
 * What the files of a pushed commit may be, counted as they would lie on the disk: a file that is there under a thousand names
 * counts a thousand times.
 *
 * @param filesMax {@code git.files-max}: files and directories of the pushed tree
 * @param depthMax {@code git.depth-max}: directories one inside the other
 * @param fileMibMax {@code git.file-mib-max}: size of one file
 * @param treeMibMax {@code git.tree-mib-max}: all files together, each rounded up to 4 KiB
 */
record TreeLimits(int filesMax, int depthMax, int fileMibMax, int treeMibMax) {
    static final TreeLimits DEFAULTS = new TreeLimits(100_000, 64, 256, 1_024);

    /** Of one name; the file system takes no more. */
    static final int NAME_BYTES_MAX = 255;

    /** Of a path inside the tree: the kernel takes 4,096, and the build's own folder stands before it. */
    static final int PATH_BYTES_MAX = 2_048;

    /** Of what a symbolic link says. */
    static final int LINK_BYTES_MAX = 4_095;

    TreeLimits {
        PackLimits.requirePositive("git.files-max", filesMax);
        PackLimits.requirePositive("git.depth-max", depthMax);
        PackLimits.requirePositive("git.file-mib-max", fileMibMax);
        PackLimits.requirePositive("git.tree-mib-max", treeMibMax);
    }

    static TreeLimits from(ConfigReader config) {
        return new TreeLimits(
                config.integer("git.files-max", DEFAULTS.filesMax),
                config.integer("git.depth-max", DEFAULTS.depthMax),
                config.integer("git.file-mib-max", DEFAULTS.fileMibMax),
                config.integer("git.tree-mib-max", DEFAULTS.treeMibMax));
    }

    long fileBytesMax() {
        return fileMibMax * 1024L * 1024L;
    }

    long treeBytesMax() {
        return treeMibMax * 1024L * 1024L;
    }
}
