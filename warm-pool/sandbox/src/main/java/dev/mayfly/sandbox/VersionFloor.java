package dev.mayfly.sandbox;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The oldest versions of other people's programs that are good enough for strangers' code. They are upstream's numbers: a
 * distribution may have put the fixes into an older one, which nobody but the operator can know.
 */
public final class VersionFloor {
    private static final Pattern PRERELEASE = Pattern.compile("(?i)[-~.+](rc|alpha|beta|dev)");
    private static final int DIGITS_MAX = 9;

    private VersionFloor() {}

    /**
     * Why this version is too old; empty: it is not.
     *
     * @param floor its numbers, the first the most important
     */
    public static Optional<String> tooOld(String version, int... floor) {
        return isOlder(version, floor)
                ? Optional.of("older than " + floor[0] + "." + floor[1] + "." + floor[2]
                        + ", which fixed known ways out of a container")
                : Optional.empty();
    }

    static boolean isOlder(String version, int... floor) {
        String[] parts = version.split("[^0-9]+", floor.length + 1);
        for (int i = 0; i < floor.length; i++) {
            String part = i < parts.length ? parts[i] : "";
            int number = part.isEmpty() ? 0 : part.length() > DIGITS_MAX ? Integer.MAX_VALUE : Integer.parseInt(part);
            if (number != floor[i]) {
                return number < floor[i];
            }
        }
        return PRERELEASE.matcher(version).find();
    }
}
