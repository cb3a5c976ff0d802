package dev.mayfly.control.git;

import dev.mayfly.builders.api.SourceTree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.treewalk.TreeWalk;

/** The files of one tree of a repository. Submodules are left out; their directories stay empty. */
final class GitTree implements SourceTree {
    private static final int LINK_BYTES_MAX = 4_096;

    private final Repository repository;
    private final ObjectId tree;
    private final int filesMax;

    GitTree(Repository repository, ObjectId tree, int filesMax) {
        this.repository = repository;
        this.tree = tree;
        this.filesMax = filesMax;
    }

    @Override
    public String id() {
        return tree.name();
    }

    @Override
    public void exportTo(Path directory) throws IOException {
        // Links come last: nothing is ever written through one.
        Map<Path, String> links = new LinkedHashMap<>();
        int files = 0;
        try (TreeWalk walk = new TreeWalk(repository)) {
            walk.addTree(tree);
            walk.setRecursive(true);
            while (walk.next()) {
                if (++files > filesMax) {
                    throw new IOException("files: more than " + filesMax);
                }
                Path target = directory.resolve(walk.getPathString()).normalize();
                if (!target.startsWith(directory)) {
                    throw new IOException("path '" + walk.getPathString() + "' leads out of the tree");
                }
                FileMode mode = walk.getFileMode(0);
                if (FileMode.GITLINK.equals(mode)) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                ObjectLoader blob = repository.open(walk.getObjectId(0));
                if (FileMode.SYMLINK.equals(mode)) {
                    links.put(target, new String(blob.getBytes(LINK_BYTES_MAX), StandardCharsets.UTF_8));
                } else {
                    try (OutputStream out = Files.newOutputStream(target)) {
                        blob.copyTo(out);
                    }
                    if (FileMode.EXECUTABLE_FILE.equals(mode)) {
                        target.toFile().setExecutable(true, false);
                    }
                }
            }
        }
        for (Map.Entry<Path, String> link : links.entrySet()) {
            Files.createSymbolicLink(link.getKey(), Path.of(link.getValue()));
        }
    }
}
