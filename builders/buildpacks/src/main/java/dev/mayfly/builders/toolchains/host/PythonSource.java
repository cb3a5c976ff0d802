package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python of the base image: Debian 13 has one version, which gets Debian's security fixes. */
final class PythonSource implements Source {
    private static final String VERSION = "3.13";
    private static final int MINOR = 13;
    private static final Pattern CLAUSE =
            Pattern.compile("(==|~=|>=|<=|!=|<|>|\\^|~)?\\s*v?(\\d+)(?:\\.(\\d+|\\*))?(?:\\.(\\d+|\\*))?");

    @Override
    public String name() {
        return "python";
    }

    @Override
    public Optional<String> choose(Optional<String> range) {
        return range.isEmpty() || fits(range.get()) ? Optional.of(VERSION) : Optional.empty();
    }

    @Override
    public List<String> available() {
        return List.of(VERSION);
    }

    @Override
    public void fetch(String version, Path directory, Path temp) throws IOException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String program : List.of("python", "python3", "python" + VERSION)) {
            Files.createSymbolicLink(bin.resolve(program), Path.of("/usr/bin/python" + VERSION));
        }
    }

    /** A patch release that differs is taken as fitting: Debian's gets fixes without a new number. */
    private static boolean fits(String range) {
        for (String clause : range.strip().replaceFirst("^python-?", "").split(",", -1)) {
            Matcher parts = CLAUSE.matcher(clause.strip());
            if (!parts.matches()) {
                return false;
            }
            int major = Integer.parseInt(parts.group(2));
            if (major != 3) {
                if (beyond(parts.group(1), major)) {
                    continue;
                }
                return false;
            }
            String minor = parts.group(3);
            if (minor == null || minor.equals("*")) {
                continue;
            }
            boolean patch = parts.group(4) != null;
            int wanted = Integer.parseInt(minor);
            boolean holds = switch (parts.group(1) == null ? "==" : parts.group(1)) {
                case "==", "~" -> MINOR == wanted;
                case "~=" -> patch ? MINOR == wanted : MINOR >= wanted;
                case ">=", "^" -> MINOR >= wanted;
                case ">" -> patch ? MINOR >= wanted : MINOR > wanted;
                case "<=" -> MINOR <= wanted;
                case "<" -> MINOR < wanted;
                case "!=" -> patch || MINOR != wanted;
                default -> false;
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    /** {@code >=2.7} and {@code <4} hold for every Python 3. */
    private static boolean beyond(@Nullable String operator, int major) {
        return major < 3
                ? ">=".equals(operator) || ">".equals(operator)
                : "<".equals(operator) || "<=".equals(operator);
    }
}
