package dev.mayfly.builders.engine.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Debian mirror that this machine's own apt uses. */
public final class HostMirror {
    private static final Pattern ONE_LINE =
            Pattern.compile("(?m)^deb\\s+(?:\\[[^]]*]\\s+)?(https?://\\S+/debian/?)\\s+[a-z]+\\s+main");
    private static final Pattern DEB822 = Pattern.compile("(?m)^URIs:\\s+(https?://\\S+/debian/?)(?:\\s|$)");

    private HostMirror() {}

    public static Optional<String> find() {
        List<Path> files = new ArrayList<>();
        files.add(Path.of("/etc/apt/sources.list"));
        Path more = Path.of("/etc/apt/sources.list.d");
        if (Files.isDirectory(more)) {
            try (Stream<Path> listed = Files.list(more)) {
                listed.sorted().forEach(files::add);
            } catch (IOException e) {
                return Optional.empty();
            }
        }
        for (Path file : files) {
            Optional<String> found = Files.isReadable(file) ? in(file) : Optional.empty();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> in(Path file) {
        try {
            String text = Files.readString(file);
            for (Pattern pattern : List.of(DEB822, ONE_LINE)) {
                Matcher matcher = pattern.matcher(text);
                if (matcher.find()) {
                    return Optional.of(matcher.group(1));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
