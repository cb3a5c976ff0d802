package dev.mayfly.sandbox.choice;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The oldest versions of other people's programs that are good enough for strangers' code. They are upstream's numbers: a
 * distribution may have put the fixes into an older one, which nobody but the operator can know.
 */
final class Floors {
    private static final Pattern PRERELEASE = Pattern.compile("(?i)[-~.+](rc|alpha|beta|dev)");
    private static final Pattern DATE = Pattern.compile("(?<!\\d)20\\d{6}(?!\\d)");

    /** First day of the versions of gVisor that are not older than those of Debian 13. */
    private static final int GVISOR_DATE_MIN = 20_240_101;

    private static final int DIGITS_MAX = 9;

    private Floors() {}

    /**
     * Why this version of a class' program is too old; empty: it is not, or the class has no floor.
     *
     * @param version as the program says it; empty if that cannot be read
     */
    static Optional<String> tooOld(String name, Optional<String> version) {
        if (version.isEmpty()) {
            return name.equals("kata") ? Optional.empty() : Optional.of("its version cannot be read");
        }
        String found = version.get();
        return switch (name) {
            // 1.4 has a floor of its own: 1.4.0 to 1.4.2 are newer than 1.3.6 and still open.
            case "runc" -> found.startsWith("1.4") ? floor(found, 1, 4, 3) : floor(found, 1, 3, 6);
            case "crun" -> floor(found, 1, 20, 0);
            case "docker" -> floor(found, 29, 4, 3);
            case "runsc" -> gvisor(found);
            default -> Optional.empty();
        };
    }

    private static Optional<String> gvisor(String version) {
        Matcher date = DATE.matcher(version);
        if (!date.find()) {
            return Optional.of("its version has no date");
        }
        return Integer.parseInt(date.group()) < GVISOR_DATE_MIN
                ? Optional.of("from " + date.group().substring(0, 4)
                        + ": bombs make it hang and it does not keep limits.cpus; Debian 13's is newer")
                : Optional.empty();
    }

    private static Optional<String> floor(String version, int... floor) {
        return older(version, floor)
                ? Optional.of("older than " + floor[0] + "." + floor[1] + "." + floor[2]
                        + ", which fixed known ways out of a container")
                : Optional.empty();
    }

    static boolean older(String version, int... floor) {
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
