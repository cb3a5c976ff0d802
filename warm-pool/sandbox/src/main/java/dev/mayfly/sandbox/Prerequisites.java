package dev.mayfly.sandbox;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What every runtime class that isolates needs of the machine. */
public final class Prerequisites {
    private static final List<String> TOOLS = List.of("ip", "nft", "unshare", "nsenter", "mount");
    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

    private Prerequisites() {}

    /** What of it is missing first; empty: nothing. */
    public static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("needs root");
        }
        for (String tool : TOOLS) {
            if (FOLDERS.stream().noneMatch(folder -> Files.isExecutable(Path.of(folder, tool)))) {
                return Optional.of("needs the command '" + tool + "'");
            }
        }
        return MountNamespace.refusal();
    }
}
