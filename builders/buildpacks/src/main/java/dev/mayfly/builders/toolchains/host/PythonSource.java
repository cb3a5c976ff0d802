package dev.mayfly.builders.toolchains.host;

import dev.mayfly.builders.image.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Python from Debian's packages. The base image has one version; a newer one comes from a newer suite with everything it
 * depends on, its C library too, at the packages' own places over those of the base image, as an upgrade would put them.
 */
final class PythonSource implements Source {
    private static final int BASE = 13;

    /** Minor versions that the base image lacks, and the suite that has them. */
    private static final Map<Integer, String> SUITES = Map.of(14, "forky");

    /** The first that fits is taken: the one that needs nothing more than the base image comes first. */
    private static final List<Integer> ORDER = List.of(BASE, 14);

    private final DebianPackages debian;

    PythonSource(DebianPackages debian) {
        this.debian = debian;
    }

    @Override
    public String name() {
        return "python";
    }

    @Override
    public Optional<String> choose(Optional<String> range) {
        return ORDER.stream()
                .filter(minor -> range.isEmpty() || PythonRange.holds(range.get(), minor))
                .map(minor -> "3." + minor)
                .findFirst();
    }

    @Override
    public List<String> available() {
        return ORDER.reversed().stream().map(minor -> "3." + minor).toList();
    }

    @Override
    public void fetch(String version, Place place) throws IOException, InterruptedException {
        String suite = SUITES.get(Integer.parseInt(version.substring(2)));
        if (suite != null) {
            Path extracted = place.temp().resolve("debian");
            debian.extract(suite, List.of("python" + version + "-dev", "python" + version + "-venv"), extracted);
            String settings = "etc/python" + version;
            trim(extracted.resolve("usr"), version);
            Files.move(extracted.resolve("usr"), place.root().resolve("usr"));
            Files.createDirectories(place.root().resolve("etc"));
            Files.move(extracted.resolve(settings), place.root().resolve(settings));
        }
        Path bin = Files.createDirectory(place.directory().resolve("bin"));
        for (String program : List.of("python", "python3", "python" + version)) {
            Files.createSymbolicLink(bin.resolve(program), Path.of("/usr/bin/python" + version));
        }
    }

    /** What neither a build nor an app needs: documents, static libraries, headers that the base image has. */
    private static void trim(Path usr, String version) throws IOException {
        for (String each : List.of("doc", "man", "lintian", "locale", "info", "bug", "perl5", "debconf")) {
            Trees.delete(usr.resolve("share").resolve(each));
        }
        Trees.delete(usr.resolve("src"));
        List<Path> gone = new ArrayList<>();
        try (Stream<Path> headers = Files.walk(usr.resolve("include"))) {
            headers.filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS))
                    .filter(each -> !each.toString().contains("/python" + version + "/"))
                    .forEach(gone::add);
        }
        try (Stream<Path> libraries = Files.walk(usr.resolve("lib"))) {
            libraries.filter(each -> each.toString().endsWith(".a")).forEach(gone::add);
        }
        for (Path each : gone) {
            Files.delete(each);
        }
    }
}
