package dev.mayfly.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A developer's folder with an app in Git, and the git client on their machine. */
final class WorkTree {
    private final Server server;
    private final Path folder;
    final String app;

    private WorkTree(Server server, Path folder, String app) {
        this.server = server;
        this.folder = folder;
        this.app = app;
    }

    /** A copy of one of the examples, committed, with the app created and the remote in place. */
    static WorkTree ofExample(Server server, String example, String app) {
        WorkTree tree = empty(server, app);
        tree.copy(Server.ROOT.resolve("examples").resolve(example));
        tree.commit("Start");
        return tree;
    }

    static WorkTree empty(Server server, String app) {
        WorkTree tree = new WorkTree(server, SharedServer.newFolder(app), app);
        tree.git("init", "-q", "-b", "main", ".").expectExit(0);
        server.mayfly(tree.folder, "apps", "create", app).expectExit(0);
        return tree;
    }

    Path folder() {
        return folder;
    }

    WorkTree write(String file, String text) {
        try {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    WorkTree commit(String message) {
        git("add", "-A").expectExit(0);
        git("commit", "-q", "--allow-empty", "-m", message).expectExit(0);
        return this;
    }

    Shell.Result push(String... options) {
        List<String> command = new ArrayList<>(List.of("push"));
        command.addAll(List.of(options));
        command.addAll(List.of("mayfly", "main"));
        return git(command.toArray(String[]::new));
    }

    Shell.Result git(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        return server.signedIn().in(folder).run(java.time.Duration.ofMinutes(15), command);
    }

    /** Where a shell runs tests in its background, their children would not hear an interrupt. */
    Process startPush(Path output, String... options) {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", "git", "push"));
        command.addAll(List.of(options));
        command.addAll(List.of("mayfly", "main"));
        return server.signedIn().in(folder).start(output, command.toArray(String[]::new));
    }

    Shell.Result mayfly(String... arguments) {
        return server.mayfly(folder, arguments);
    }

    /** The commit that the server's branch main is at, or the empty string. */
    String remoteHead() {
        return git("ls-remote", "mayfly", "refs/heads/main").expectExit(0).out().split("\\s")[0];
    }

    String head() {
        return git("rev-parse", "HEAD").expectExit(0).line();
    }

    private void copy(Path from) {
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path to = folder.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(path, to, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
