package dev.mayfly.cli;

import java.io.Console;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What the command finds around it. */
record Environment(Map<String, String> variables, Path folder) {
    Optional<String> get(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    /** File with address and token of the last sign-in; for its owner alone. */
    Path credentials() {
        Path base = get("XDG_CONFIG_HOME")
                .map(Path::of)
                .orElseGet(() -> Path.of(get("HOME").orElse(System.getProperty("user.home")), ".config"));
        return base.resolve("mayfly/credentials.json");
    }

    /** The terminal, if a person sits at one. */
    static Optional<Console> terminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    /** Program that people call; git calls it too. */
    String self() {
        return get("MAYFLY_SELF").orElse("mayfly");
    }
}
