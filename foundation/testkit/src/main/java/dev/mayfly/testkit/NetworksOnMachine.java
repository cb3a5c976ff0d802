package dev.mayfly.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What of networks there is on this machine, to hold before against after. Only what bears the name of one server. */
public final class NetworksOnMachine {
    private NetworksOnMachine() {}

    public static List<String> of(String tag) throws Exception {
        List<String> state = new ArrayList<>();
        lines("ip", "-o", "link").stream()
                .map(line -> line.split(":")[1].strip())
                .filter(name -> name.startsWith("mf" + tag))
                .forEach(name -> state.add("link " + name));
        lines("nft", "list", "tables").stream()
                .filter(line -> line.contains("mayfly_" + tag))
                .forEach(state::add);
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" - nsfs "))
                .forEach(line -> state.add("namespace " + line.split(" ")[4]));
        lines("ip", "-o", "address").stream()
                .filter(line -> line.contains(" mf" + tag))
                .forEach(line -> state.add("address " + line));
        return state;
    }

    private static List<String> lines(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var out = process.inputReader()) {
            List<String> lines = out.lines().toList();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " ended with " + process.exitValue());
            }
            return lines;
        }
    }
}
