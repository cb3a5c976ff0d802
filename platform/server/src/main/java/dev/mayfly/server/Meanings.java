package dev.mayfly.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What settings mean: the {@code @param} lines of the records that hold them, each of which begins with its key in a code tag and
 * a colon. Keys that share a meaning stand one after the other, with commas.
 */
final class Meanings {
    private static final List<String> FOLDERS = List.of("foundation", "platform", "warm-pool", "builders", "gateway");
    private static final String SOURCES = "/src/main/java/";
    private static final Pattern PARAMETER = Pattern.compile(
            "@param \\w+\\s+((?:\\{@code [a-z0-9.-]+},\\s+(?:\\*\\s+)?)*\\{@code [a-z0-9.-]+}):\\s+(.*?)(?=\\n"
                    + "\\s*\\* @|\\n"
                    + "?\\s*\\*/)",
            Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("\\{@code ([a-z0-9.-]+)}");
    private static final Pattern TAG = Pattern.compile("\\{@(?:code|link) ([^}]*)}");

    private final Map<String, String> meanings = new TreeMap<>();

    /**
     * @param root of the source tree
     * @throws IllegalStateException if two lines say what one key means
     */
    Meanings(Path root) throws IOException {
        for (String folder : FOLDERS) {
            try (Stream<Path> all = Files.walk(root.resolve(folder))) {
                for (Path each : all.filter(path -> path.toString().endsWith(".java"))
                        .filter(path -> path.toString().contains(SOURCES))
                        .toList()) {
                    read(Files.readString(each), each);
                }
            }
        }
    }

    private void read(String text, Path file) {
        Matcher parameters = PARAMETER.matcher(text);
        while (parameters.find()) {
            String line = parameters.group(2).replaceAll("\\s*\\n\\s*\\*\\s*", " ");
            String meaning =
                    TAG.matcher(line).replaceAll("`$1`").replace("|", "\\|").strip();
            Matcher keys = KEY.matcher(parameters.group(1));
            while (keys.find()) {
                if (meanings.put(keys.group(1), meaning) != null) {
                    throw new IllegalStateException(keys.group(1) + ": its meaning stands twice, once in " + file);
                }
            }
        }
    }

    /** One line of Markdown; empty if no record says it. */
    Optional<String> of(String key) {
        return Optional.ofNullable(meanings.get(key));
    }
}
