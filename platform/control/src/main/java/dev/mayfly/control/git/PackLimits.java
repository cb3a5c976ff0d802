package dev.mayfly.control.git;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * What the pack of one push may be. A pack of some kilobytes can claim billions of objects or inflate to terabytes, so each
 * number is checked before memory is taken or work is done for it.
 *
 * @param packMibMax {@code git.pack-mib-max}: size of one push on the wire
 * @param objectsMax {@code git.objects-max}: objects in one push; the server's heap holds some 400 bytes for each while
 *     it is checked
 * @param inflatedMibMax {@code git.inflated-mib-max}: sum of the sizes of all objects of one push, deltas applied
 * @param deltaMibMax {@code git.delta-mib-max}: size of an object that is stored as a delta or is the base of one:
 *     these are made in the server's heap
 * @param checkTimeout {@code git.check-timeout}: how long a push that has arrived may be checked
 */
record PackLimits(int packMibMax, int objectsMax, int inflatedMibMax, int deltaMibMax, Duration checkTimeout) {
    static final PackLimits DEFAULTS = new PackLimits(512, 300_000, 8_192, 50, Duration.ofMinutes(2));

    /** Of a commit or tag, which are read into the heap whole. */
    static final int TEXT_BYTES_MAX = 1024 * 1024;

    /** Of a directory, which is read into the heap whole. */
    static final int TREE_BYTES_MAX = 16 * 1024 * 1024;

    PackLimits {
        requirePositive("git.pack-mib-max", packMibMax);
        requirePositive("git.objects-max", objectsMax);
        requirePositive("git.inflated-mib-max", inflatedMibMax);
        if (deltaMibMax < 1 || deltaMibMax > 512) {
            throw ConfigException.of("git.delta-mib-max", deltaMibMax, "1 to 512");
        }
        if (!checkTimeout.isPositive()) {
            throw ConfigException.of("git.check-timeout", checkTimeout, "> 0");
        }
    }

    static PackLimits from(ConfigReader config) {
        return new PackLimits(
                config.integer("git.pack-mib-max", DEFAULTS.packMibMax),
                config.integer("git.objects-max", DEFAULTS.objectsMax),
                config.integer("git.inflated-mib-max", DEFAULTS.inflatedMibMax),
                config.integer("git.delta-mib-max", DEFAULTS.deltaMibMax),
                config.duration("git.check-timeout", DEFAULTS.checkTimeout));
    }

    static void requirePositive(String key, int value) {
        if (value < 1) {
            throw ConfigException.of(key, value, ">= 1");
        }
    }

    long packBytesMax() {
        return mebibytes(packMibMax);
    }

    long inflatedBytesMax() {
        return mebibytes(inflatedMibMax);
    }

    int deltaBytesMax() {
        return deltaMibMax * 1024 * 1024;
    }

    /** Of the objects that wait in the heap, one below the other, until all their deltas are applied. */
    long waitingBytesMax() {
        return 2L * deltaBytesMax();
    }

    /** What the check of a pack with so many objects holds in the heap at most: those that wait, a delta, what it makes. */
    long heapBytes(long objects) {
        return waitingBytesMax() + 2L * deltaBytesMax() + 400 * objects;
    }

    private static long mebibytes(int count) {
        return count * 1024L * 1024L;
    }
}
