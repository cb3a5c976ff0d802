package dev.mayfly.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Paths of a root file system as a process inside sees them: links are followed, and lead nowhere outside. */
record InsideRoot(Path root) {
    private static final int LINKS_MAX = 40;

    /** What the path leads to, as a path of the host without links; empty if there is nothing. */
    Optional<Path> find(String inside) {
        Deque<String> names = new ArrayDeque<>();
        push(names, inside);
        Path at = root;
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.pop();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                Path parent = at.getParent();
                at = at.equals(root) || parent == null ? root : parent;
                continue;
            }
            Path next = at.resolve(name);
            if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            if (Files.isSymbolicLink(next)) {
                Optional<String> target = target(next);
                if (++links > LINKS_MAX || target.isEmpty()) {
                    return Optional.empty();
                }
                at = target.get().startsWith("/") ? root : at;
                push(names, target.get());
            } else {
                at = next;
            }
        }
        return Optional.of(at);
    }

    /** The first part of the path that is a symbolic link. */
    Optional<String> firstLink(String inside) {
        Path at = root;
        for (String name : inside.split("/")) {
            at = name.isEmpty() ? at : at.resolve(name);
            if (Files.isSymbolicLink(at)) {
                return Optional.of("/" + root.relativize(at));
            }
        }
        return Optional.empty();
    }

    private static void push(Deque<String> names, String path) {
        String[] parts = path.split("/");
        for (int i = parts.length - 1; i >= 0; i--) {
            names.push(parts[i]);
        }
    }

    private static Optional<String> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
