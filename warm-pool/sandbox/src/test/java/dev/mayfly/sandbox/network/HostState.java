package dev.mayfly.sandbox.network;

import dev.mayfly.sandbox.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What of networks there is on this machine, to hold before against after. Only what bears the name of one server. */
final class HostState {
    private HostState() {}

    static List<String> of(String tag) throws Exception {
        List<String> state = new ArrayList<>();
        Commands.run("ip", "-o", "link")
                .lines()
                .map(line -> line.split(":")[1].strip())
                .filter(name -> name.startsWith("mf" + tag))
                .forEach(name -> state.add("link " + name));
        Commands.run("nft", "list", "tables")
                .lines()
                .filter(line -> line.contains("mayfly_" + tag))
                .forEach(state::add);
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" - nsfs "))
                .forEach(line -> state.add("namespace " + line.split(" ")[4]));
        Commands.run("ip", "-o", "address")
                .lines()
                .filter(line -> line.contains(" mf" + tag))
                .forEach(line -> state.add("address " + line));
        return state;
    }
}
