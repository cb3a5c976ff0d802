package dev.mayfly.control.git;

import dev.mayfly.builders.api.SourceTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * The files of one tree of a repository, which {@link TreeCensus} has taken. What is written is counted once more: the limits
 * hold even where the census should be wrong. An interrupt ends the export.
 */
final class GitTree implements SourceTree {
    private final Repository repository;
    private final ObjectId tree;
    private final TreeLimits limits;

    GitTree(Repository repository, ObjectId tree, TreeLimits limits) {
        this.repository = repository;
        this.tree = tree;
        this.limits = limits;
    }

    @Override
    public String id() {
        return tree.name();
    }

    @Override
    public void exportTo(Path directory) throws IOException {
        // Links come last: nothing is ever written through one.
        Map<Path, String> links = new LinkedHashMap<>();
        long files = 0;
        long bytes = 0;
        try (TreeWalk walk = new TreeWalk(repository)) {
            walk.addTree(tree);
            walk.setRecursive(false);
            while (walk.next()) {
                goOn();
                if (++files > limits.filesMax()) {
                    throw new IOException("files and directories: more than " + limits.filesMax());
                }
                Path target = directory.resolve(walk.getPathString()).normalize();
                if (!target.startsWith(directory)) {
                    throw new IOException("path '" + walk.getPathString() + "' leads out of the tree");
                }
                FileMode mode = walk.getFileMode(0);
                if (FileMode.TREE.equals(mode)) {
                    if (walk.getDepth() >= limits.depthMax()) {
                        throw new IOException("directories: deeper than " + limits.depthMax());
                    }
                    walk.enterSubtree();
                    continue;
                }
                if (FileMode.GITLINK.equals(mode)) {
                    throw new IOException("submodule '" + walk.getPathString() + "'");
                }
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                ObjectLoader blob = walk.getObjectReader().open(walk.getObjectId(0), Constants.OBJ_BLOB);
                bytes += blob.getSize();
                if (bytes > limits.treeBytesMax()) {
                    throw new IOException("files: more than " + limits.treeMibMax() + " MiB");
                }
                if (FileMode.SYMLINK.equals(mode)) {
                    links.put(
                            target, new String(blob.getCachedBytes(TreeLimits.LINK_BYTES_MAX), StandardCharsets.UTF_8));
                } else {
                    write(blob, target);
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

    private static void write(ObjectLoader blob, Path target) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = blob.openStream();
                OutputStream out = Files.newOutputStream(target)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                goOn();
                out.write(buffer, 0, count);
            }
        }
    }

    private static void goOn() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("cancelled");
        }
    }
}
