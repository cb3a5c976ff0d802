package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Python that this machine has. */
final class MachinePython implements Source {
    private static final Pattern FOUND = Pattern.compile("3\\.(\\d+)\\s+(/\\S+)");

    @Override
    public String name() {
        return "python";
    }

    @Override
    public Optional<String> choose(Optional<String> range) throws IOException, InterruptedException {
        Matcher python = find();
        int minor = Integer.parseInt(python.group(1));
        return range.isEmpty() || PythonRange.holds(range.get(), minor) ? Optional.of("3." + minor) : Optional.empty();
    }

    @Override
    public List<String> available() throws IOException, InterruptedException {
        return List.of("3." + find().group(1));
    }

    @Override
    public void fetch(String version, Place place) throws IOException, InterruptedException {
        Path bin = Files.createDirectory(place.directory().resolve("bin"));
        Path program = Path.of(find().group(2));
        for (String name : List.of("python", "python3", "python" + version)) {
            Files.createSymbolicLink(bin.resolve(name), program);
        }
    }

    private static Matcher find() throws IOException, InterruptedException {
        String about = PackageClients.run(
                Path.of("/"),
                List.of(
                        "python3",
                        "-I",
                        "-c",
                        "import sys, os; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable))"));
        Matcher found = FOUND.matcher(about);
        if (!found.find()) {
            throw new IOException("python3 of this machine says '" + about.strip() + "' (expected: a Python 3)");
        }
        return found;
    }
}
