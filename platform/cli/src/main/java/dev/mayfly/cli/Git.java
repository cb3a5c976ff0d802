package dev.mayfly.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The git work tree that the command was called in, if any. */
final class Git {
    static final String REMOTE = "mayfly";
    private static final Pattern URL = Pattern.compile(".*/git/([a-z0-9-]+)/([a-z0-9-]+)\\.git/?");

    /** Names an app. */
    record Remote(String tenant, String app) {}

    private final Path folder;

    Git(Path folder) {
        this.folder = folder;
    }

    boolean isWorkTree() {
        return run("rev-parse", "--is-inside-work-tree").isPresent();
    }

    /** The app that the remote {@code mayfly} leads to. */
    Optional<Remote> remote() {
        return run("remote", "get-url", REMOTE)
                .map(URL::matcher)
                .filter(Matcher::matches)
                .map(url -> new Remote(url.group(1), url.group(2)));
    }

    /** Adds or changes the remote, and makes git ask us for the token instead of the person. */
    void connect(String serverUrl, String gitUrl, String self) {
        if (run("remote", "get-url", REMOTE).isPresent()) {
            run("remote", "set-url", REMOTE, gitUrl);
        } else {
            run("remote", "add", REMOTE, gitUrl);
        }
        String key = "credential." + serverUrl + ".helper";
        // The empty value first: no other helper of this person is asked or told.
        run("config", "--replace-all", key, "");
        run("config", "--add", key, "!'" + self.replace("'", "'\\''") + "' git-credential");
    }

    private Optional<String> run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // No git here.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }
}
