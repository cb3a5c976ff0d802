package dev.mayfly.builders.engine.layers;

import dev.mayfly.builders.engine.toml.BoundedToml;
import dev.mayfly.builders.image.ForeignTree;

/**
 * How much a build may say of itself. Together with how many builds run at once these keep what builds hold in the server's memory
 * below a part of its heap; the sum is made in {@code HeapShareTest}.
 */
public final class BuildLimits {
    /** Bytes of a {@code mayfly.toml}, a {@code launch.toml} or a build plan. */
    public static final int TOML_BYTES_MAX = BoundedToml.CHARACTERS_MAX;

    /** Of a layer's file: of these there are many. */
    static final int LAYER_TOML_BYTES_MAX = 32 * 1024;

    /** Entries in a buildpack's directory of layers. */
    static final int ENTRIES_MAX = 1_000;

    /** Layers of one buildpack. */
    static final int LAYERS_MAX = 64;

    /** Process types of an image. */
    static final int PROCESSES_MAX = 32;

    static final int LABELS_MAX = 64;

    /** Variables in one directory of a layer. */
    static final int VARIABLES_MAX = 256;

    static final int VARIABLE_BYTES_MAX = 32 * 1024;

    /** Characters of all names and values of one environment. */
    static final int ENVIRONMENT_CHARACTERS_MAX = 256 * 1024;

    /** Characters of arguments and environments of all process types together. */
    public static final int PROCESSES_CHARACTERS_MAX = 1024 * 1024;

    /**
     * Characters of what all buildpacks say together that is held until the image is made: metadata of layers, processes and labels.
     */
    public static final int HELD_CHARACTERS_MAX = 512 * 1024;

    /** Of what a {@code bin/detect} printed. */
    public static final int DETECT_OUTPUT_BYTES_MAX = 16 * 1024;

    /** Characters of output of all of a build that are shown and kept; who asks for them gets them in one piece. */
    public static final long OUTPUT_CHARACTERS_MAX = 4L * 1024 * 1024;

    /**
     * What one build holds at once at most, in bytes of heap: what was read of the tree that is open (a text of Java may take two bytes
     * for each that was read), what is held of those before, its environment, its processes as they become a release, and one file
     * while it is parsed.
     */
    public static final long HEAP_BYTES_MAX =
            2L * (ForeignTree.BYTES_MAX + HELD_CHARACTERS_MAX + ENVIRONMENT_CHARACTERS_MAX + PROCESSES_CHARACTERS_MAX)
                    + BoundedToml.PARSING_BYTES_MAX;

    private BuildLimits() {}
}
