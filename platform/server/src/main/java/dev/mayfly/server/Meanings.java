package dev.mayfly.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What settings mean, out of the {@code @param} lines of the records that read them. A key belongs to the parameter of its
 * name in the file that names the key, else in the same module, else in the record of the key's first part:
 * {@code base.stale-suites} is {@code staleSuites}, {@code mirror.npm} is {@code npmMirror}, and {@code network.pool-size} is
 * the {@code size} of what reads it. {@code sandbox.runc-program} is one of the {@code programs}.
 */
final class Meanings {
    private static final List<String> FOLDERS = List.of("foundation", "platform", "warm-pool", "builders", "gateway");
    private static final String SOURCES = "/src/main/java/";
    private static final Pattern TAG = Pattern.compile("\\{@(?:code|link) ([^}]*)}");

    private final Map<String, String> files = new TreeMap<>();

    /** @param root of the source tree */
    Meanings(Path root) throws IOException {
        for (String folder : FOLDERS) {
            try (Stream<Path> all = Files.walk(root.resolve(folder))) {
                for (Path each : all.filter(path -> path.toString().endsWith(".java"))
                        .filter(path -> path.toString().contains(SOURCES))
                        .toList()) {
                    files.put(each.toString(), Files.readString(each));
                }
            }
        }
    }

    /** One line of Markdown. */
    Optional<String> of(String key) {
        int dot = key.indexOf('.');
        String first = dot < 0 ? key : key.substring(0, dot);
        String last = key.substring(dot + 1);
        List<String> names = List.of(camel(last), camel(last + "-" + first), first, camel(first + "-" + last));
        List<String> own = new ArrayList<>();
        List<String> near = new ArrayList<>();
        files.forEach((file, text) -> {
            if (text.contains("\"" + key + "\"")) {
                own.add(text);
                files.forEach((other, beside) -> {
                    if (module(other).equals(module(file))) {
                        near.add(beside);
                    }
                });
            }
        });
        String record = "/" + first.substring(0, 1).toUpperCase(Locale.ROOT) + first.substring(1) + "Config.java";
        List<String> named = files.entrySet().stream()
                .filter(file -> file.getKey().endsWith(record))
                .map(Map.Entry::getValue)
                .toList();
        String rest = last.substring(last.indexOf('-') + 1);
        return find(names, own)
                .or(() -> find(names, near))
                .or(() -> find(names, named))
                .or(() -> find(List.of(rest), own))
                .or(() -> find(List.of(rest + "s"), named));
    }

    private static Optional<String> find(List<String> names, List<String> texts) {
        for (String name : names) {
            Pattern parameter =
                    Pattern.compile("@param " + name + "\\s+(.*?)(?=\\n\\s*\\* @|\\n?\\s*\\*/)", Pattern.DOTALL);
            for (String text : texts) {
                Matcher found = parameter.matcher(text);
                if (found.find()) {
                    String line = found.group(1).replaceAll("\\s*\\n\\s*\\*\\s*", " ");
                    return Optional.of(TAG.matcher(line)
                            .replaceAll("`$1`")
                            .replace("|", "\\|")
                            .strip());
                }
            }
        }
        return Optional.empty();
    }

    private static String module(String file) {
        return file.substring(0, file.indexOf(SOURCES));
    }

    private static String camel(String dashed) {
        StringBuilder name = new StringBuilder();
        for (String part : dashed.split("-", -1)) {
            name.append(name.isEmpty() ? part : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
        }
        return name.toString();
    }
}
