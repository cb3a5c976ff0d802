package dev.mayfly.builders.toolchains.host;

import java.util.Comparator;

/** Order of versions that are numbers with dots. */
final class Versions {
    static final Comparator<String> NEWEST_FIRST = ((Comparator<String>) Versions::compare).reversed();

    private Versions() {}

    private static int compare(String one, String other) {
        String[] left = one.split("\\.", -1);
        String[] right = other.split("\\.", -1);
        for (int i = 0; i < Math.max(left.length, right.length); i++) {
            int difference = Integer.compare(
                    i < left.length ? Integer.parseInt(left[i]) : 0, i < right.length ? Integer.parseInt(right[i]) : 0);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }
}
