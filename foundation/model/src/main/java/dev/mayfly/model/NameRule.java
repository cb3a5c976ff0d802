package dev.mayfly.model;

import java.util.regex.Pattern;

/** The one rule for names that people choose: they end up in host names, paths and Git remotes. */
final class NameRule {
    /** RFC 1123 label, lower case, at most 40 characters, so that {@code app.tenant.domain} stays a valid host name. */
    private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");

    private NameRule() {}

    static String requireLabel(String value, String what) {
        if (!LABEL.matcher(value).matches()) {
            throw new MayflyException(
                    ErrorCode.INVALID_REQUEST,
                    what + ": '" + printable(value)
                            + "' (expected: 1-40 of a-z, 0-9 and '-', starting with a letter, not ending with '-')");
        }
        return value;
    }

    private static String printable(String value) {
        String shown = value.length() > 60 ? value.substring(0, 60) + "…" : value;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
