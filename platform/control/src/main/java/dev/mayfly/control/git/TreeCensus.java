package dev.mayfly.control.git;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TerminalText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a tree would be, before one of them is written. A tree that stands under a thousand names is read once and
 * counted a thousand times, so a few kilobytes that mean a billion files are refused as quickly as an honest tree is taken.
 * Names are those that the host can write: UTF-8, no longer than its file systems take, none that leads elsewhere.
 */
final class TreeCensus {
    private static final int BLOCK = 4_096;
    private static final int SHOWN_CHARS_MAX = 80;

    /**
     * What is below a directory, itself not counted.
     *
     * @param depth directories one inside the other
     * @param path length of the longest path in bytes
     */
    private record Below(long entries, long bytes, int depth, int path) {}

    private record Child(ObjectId tree, String name, int nameBytes) {}

    private final ObjectReader reader;
    private final TreeLimits limits;
    private final GitJob job;
    private final Map<ObjectId, Below> known = new HashMap<>();
    private long read;

    private TreeCensus(ObjectReader reader, TreeLimits limits, GitJob job) {
        this.reader = reader;
        this.limits = limits;
        this.job = job;
    }

    /**
     * Takes the tree or says why not.
     *
     * @throws MayflyException {@code PUSH_TOO_LARGE} or {@code PUSH_REJECTED}
     */
    static void check(ObjectReader reader, ObjectId tree, TreeLimits limits, GitJob job) throws IOException {
        Below all = new TreeCensus(reader, limits, job).below(tree, 0);
        if (all.entries > limits.filesMax()) {
            throw PackBounds.tooLarge(String.format(
                    Locale.ROOT, "%,d files and directories (at most %,d)", all.entries, limits.filesMax()));
        }
        if (all.bytes > limits.treeBytesMax()) {
            throw PackBounds.tooLarge(
                    String.format(Locale.ROOT, "files of %,d MiB (at most %,d)", all.bytes >> 20, limits.treeMibMax()));
        }
        if (all.depth > limits.depthMax()) {
            throw tooDeep(limits);
        }
        if (all.path > TreeLimits.PATH_BYTES_MAX) {
            throw PackBounds.tooLarge("a path of " + all.path + " bytes (at most " + TreeLimits.PATH_BYTES_MAX + ")");
        }
    }

    private Below below(ObjectId tree, int depth) throws IOException {
        Below before = known.get(tree);
        if (before != null) {
            return before;
        }
        if (depth > limits.depthMax()) {
            throw tooDeep(limits);
        }
        job.check();
        List<Child> children = new ArrayList<>();
        Below sum = direct(tree, children);
        for (Child child : children) {
            Below below = below(child.tree, depth + 1);
            sum = new Below(
                    add(sum.entries, below.entries),
                    add(sum.bytes, below.bytes),
                    Math.max(sum.depth, below.depth + 1),
                    Math.max(sum.path, below.path == 0 ? child.nameBytes : child.nameBytes + 1 + below.path));
        }
        known.put(tree, sum);
        return sum;
    }

    /** What lies in the directory itself; those that lie in it are told. The tree's own bytes are given up before they are read. */
    private Below direct(ObjectId tree, List<Child> children) throws IOException {
        long entries = 0;
        long bytes = 0;
        int path = 0;
        CanonicalTreeParser each = new CanonicalTreeParser(null, reader, tree);
        for (; !each.eof(); each.next(1)) {
            // What is read once is there once at least.
            if (++read > limits.filesMax()) {
                throw PackBounds.tooLarge(
                        String.format(Locale.ROOT, "more than %,d files and directories", limits.filesMax()));
            }
            entries++;
            String name = name(each);
            int length = each.getNameLength();
            path = Math.max(path, length);
            ObjectId id = each.getEntryObjectId();
            FileMode mode = each.getEntryFileMode();
            if (FileMode.TREE.equals(mode)) {
                children.add(new Child(id, name, length));
                bytes = add(bytes, BLOCK);
            } else if (FileMode.GITLINK.equals(mode)) {
                throw rejected("'" + shown(name) + "' is a submodule, and submodules are not fetched; add its files"
                        + " instead, or remove it");
            } else if (FileMode.SYMLINK.equals(mode)) {
                checkLink(name, id);
                bytes = add(bytes, BLOCK);
            } else if (FileMode.REGULAR_FILE.equals(mode) || FileMode.EXECUTABLE_FILE.equals(mode)) {
                bytes = add(bytes, file(name, id));
            } else {
                throw rejected("'" + shown(name) + "' is neither file, directory nor link");
            }
        }
        return new Below(entries, bytes, 0, path);
    }

    private static String name(CanonicalTreeParser entry) {
        byte[] raw = new byte[entry.getNameLength()];
        entry.getName(raw, 0);
        String name = utf8(raw);
        if (name == null) {
            throw rejected("the name '" + shown(new String(raw, StandardCharsets.ISO_8859_1)) + "' is not in UTF-8");
        }
        if (raw.length == 0
                || raw.length > TreeLimits.NAME_BYTES_MAX
                || name.equals(".")
                || name.equals("..")
                || name.equalsIgnoreCase(Constants.DOT_GIT)
                || name.indexOf('/') >= 0
                || name.indexOf('\0') >= 0) {
            throw rejected("'" + shown(name) + "' cannot be the name of a file here");
        }
        return name;
    }

    private long file(String name, ObjectId id) throws IOException {
        long size = reader.getObjectSize(id, Constants.OBJ_BLOB);
        if (size > limits.fileBytesMax()) {
            throw PackBounds.tooLarge("'" + shown(name) + "' of " + size + " bytes (at most " + limits.fileMibMax()
                    + " MiB for one file)");
        }
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    private void checkLink(String name, ObjectId id) throws IOException {
        long size = reader.getObjectSize(id, Constants.OBJ_BLOB);
        if (size == 0 || size > TreeLimits.LINK_BYTES_MAX) {
            throw rejected("the link '" + shown(name) + "' says " + size + " bytes (expected: 1 to "
                    + TreeLimits.LINK_BYTES_MAX + ")");
        }
        String target = utf8(reader.open(id, Constants.OBJ_BLOB).getCachedBytes(TreeLimits.LINK_BYTES_MAX));
        if (target == null || target.indexOf('\0') >= 0) {
            throw rejected("the link '" + shown(name) + "' leads to no name that can be written here");
        }
    }

    private static @Nullable String utf8(byte[] raw) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Stays at the largest number: what is beyond it is refused all the same. */
    private static long add(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private static String shown(String name) {
        return TerminalText.safe(name.length() > SHOWN_CHARS_MAX ? name.substring(0, SHOWN_CHARS_MAX) + "…" : name);
    }

    private static MayflyException tooDeep(TreeLimits limits) {
        return PackBounds.tooLarge("directories nested deeper than " + limits.depthMax());
    }

    private static MayflyException rejected(String why) {
        return new MayflyException(ErrorCode.PUSH_REJECTED, why);
    }
}
