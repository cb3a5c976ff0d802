package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The JDK that Mayfly itself runs on. */
final class MachineJdk implements Source {
    private static final int FEATURE = Runtime.version().feature();

    @Override
    public String name() {
        return "jdk";
    }

    @Override
    public Optional<String> choose(Optional<String> range) {
        return range.isEmpty()
                        || JdkSource.feature(range.get())
                                .filter(wanted -> wanted <= FEATURE)
                                .isPresent()
                ? Optional.of(String.valueOf(FEATURE))
                : Optional.empty();
    }

    @Override
    public List<String> available() {
        return List.of(String.valueOf(FEATURE));
    }

    @Override
    public Map<String, String> env(String insidePath) {
        return Map.of("JAVA_HOME", insidePath);
    }

    /** A link for each thing in the JDK's home, as its directory is there already. */
    @Override
    public void fetch(String version, Place place) throws IOException {
        try (Stream<Path> parts = Files.list(Path.of(System.getProperty("java.home")))) {
            for (Path part : parts.toList()) {
                Files.createSymbolicLink(place.directory().resolve(String.valueOf(part.getFileName())), part);
            }
        }
    }
}
