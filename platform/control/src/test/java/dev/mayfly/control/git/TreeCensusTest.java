package dev.mayfly.control.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a tree would be on the disk is known without walking it. */
@Timeout(60)
final class TreeCensusTest {
    private static final TreeLimits LIMITS = new TreeLimits(10_000, 20, 2, 8);

    private final InMemoryRepository repository = new InMemoryRepository(new DfsRepositoryDescription("test"));
    private final GitJobs jobs = new GitJobs(4, 4);
    private final GitJob job =
            jobs.admit(GitJob.Kind.PUSH, AppRef.of("local", "shop")).orElseThrow();

    @AfterEach
    void close() {
        job.close();
        repository.close();
    }

    @Test
    void anHonestTreeIsTaken() throws IOException {
        ObjectId file = blob("hello");
        ObjectId folder = tree(new TreeBytes().file("b", file));
        ObjectId link = blob("../outside");
        check(tree(new TreeBytes()
                .directory("a", folder)
                .directory("c", folder)
                .entry("120000", "link".getBytes(StandardCharsets.UTF_8), link)
                .file("grüße", file)
                .entry("100755", "run".getBytes(StandardCharsets.UTF_8), file)));
    }

    @Test
    void billionsOfFilesInSixTreesAreCountedWithoutAWalk() throws IOException {
        ObjectId each = blob("x");
        TreeBytes leaf = new TreeBytes();
        for (int i = 10; i < 109; i++) {
            leaf.file("f" + (100 + i), each);
        }
        ObjectId tree = tree(leaf);
        for (int level = 0; level < 4; level++) {
            TreeBytes next = new TreeBytes();
            for (int i = 10; i < 109; i++) {
                next.directory("d" + (100 + i), tree);
            }
            tree = tree(next);
        }
        ObjectId bomb = tree;
        assertTooLarge(bomb, "9,606,940,299 files and directories (at most 10,000)");
    }

    @Test
    void aBombLargerThanAnyNumberIsRefusedToo() throws IOException {
        ObjectId tree = tree(new TreeBytes().file("f", blob("x")));
        for (int level = 0; level < 19; level++) {
            TreeBytes next = new TreeBytes();
            for (int i = 0; i < 99; i++) {
                next.directory("d" + (100 + i), tree);
            }
            tree = tree(next);
        }
        assertTooLarge(tree, "9,223,372,036,854,775,807 files");
    }

    @Test
    void emptyDirectoriesCountAsWell() throws IOException {
        ObjectId tree = tree(new TreeBytes());
        for (int level = 0; level < 6; level++) {
            TreeBytes next = new TreeBytes();
            for (int i = 0; i < 99; i++) {
                next.directory("d" + (100 + i), tree);
            }
            tree = tree(next);
        }
        assertTooLarge(tree, "files and directories");
    }

    @Test
    void aFileCountsUnderEachOfItsNames() throws IOException {
        ObjectId file = blob("x".repeat(1024 * 1024));
        TreeBytes names = new TreeBytes();
        for (int i = 0; i < 9; i++) {
            names.file("f" + i, file);
        }
        assertTooLarge(tree(names), "files of 9 MiB (at most 8)");
    }

    @Test
    void oneFileMayBeOnlySoLarge() throws IOException {
        assertTooLarge(tree(new TreeBytes().file("big", blob("x".repeat(2 * 1024 * 1024 + 1)))), "'big' of 2097153");
    }

    @Test
    void depthIsLimitedWhateverIsBelow() throws IOException {
        ObjectId tree = tree(new TreeBytes().file("f", blob("x")));
        for (int level = 0; level < 20; level++) {
            tree = tree(new TreeBytes().directory("d", tree));
        }
        ObjectId deepest = tree;
        assertThatCode(() -> check(deepest)).doesNotThrowAnyException();
        for (int level = 0; level < 500; level++) {
            tree = tree(new TreeBytes().directory("d", tree));
        }
        assertTooLarge(tree, "nested deeper than 20");
    }

    @Test
    void aPathLongerThanTheKernelTakesIsRefused() throws IOException {
        ObjectId tree = tree(new TreeBytes().file("f", blob("x")));
        for (int level = 0; level < 9; level++) {
            tree = tree(new TreeBytes().directory("d".repeat(250), tree));
        }
        assertTooLarge(tree, "a path of 2260 bytes");
    }

    @Test
    void moreEntriesInOneDirectoryThanMayBeAreRefusedWhileTheyAreRead() throws IOException {
        ObjectId file = blob("x");
        TreeBytes names = new TreeBytes();
        for (int i = 0; i < 10_001; i++) {
            names.file("f" + (100_000 + i), file);
        }
        assertTooLarge(tree(names), "more than 10,000 files and directories");
    }

    @Test
    void submodulesAreRefusedByName() throws IOException {
        ObjectId tree = tree(new TreeBytes()
                .entry("160000", "vendor".getBytes(StandardCharsets.UTF_8), ObjectId.fromString("1".repeat(40))));
        assertRejected(tree, "'vendor' is a submodule");
    }

    @Test
    void namesThatCannotBeWrittenAreRefused() throws IOException {
        ObjectId file = blob("x");
        assertRejected(
                tree(new TreeBytes().entry("100644", new byte[] {'a', (byte) 0xe9, '\n'}, file)), "not in UTF-8");
        assertRejected(tree(new TreeBytes().file("..", file)), "cannot be the name");
        assertRejected(tree(new TreeBytes().file("a/b", file)), "cannot be the name");
        assertRejected(tree(new TreeBytes().file("x".repeat(256), file)), "cannot be the name");
    }

    @Test
    void linksThatCannotBeWrittenAreRefused() throws IOException {
        byte[] name = "link".getBytes(StandardCharsets.UTF_8);
        assertRejected(tree(new TreeBytes().entry("120000", name, blob(""))), "0 bytes");
        assertRejected(tree(new TreeBytes().entry("120000", name, blob("x".repeat(5_000)))), "5000 bytes");
        assertRejected(tree(new TreeBytes().entry("120000", name, blob("a\0b"))), "no name");
    }

    @Test
    void whatANameSaysToATerminalIsNotRepeated() throws IOException {
        ObjectId tree =
                tree(new TreeBytes().entry("160000", "\u001b[2Jgone".getBytes(StandardCharsets.UTF_8), blob("x")));
        assertRejected(tree, "'\\u001b[2Jgone' is a submodule");
    }

    @Test
    void aStoppedJobIsNotCounted() throws IOException {
        ObjectId tree = tree(new TreeBytes().file("f", blob("x")));
        job.stop();
        assertThatThrownBy(() -> check(tree)).isInstanceOf(CancellationException.class);
    }

    private void check(ObjectId tree) throws IOException {
        try (ObjectReader reader = repository.newObjectReader()) {
            TreeCensus.check(reader, tree, LIMITS, job);
        }
    }

    private void assertTooLarge(ObjectId tree, String why) {
        assertThatThrownBy(() -> check(tree)).isInstanceOfSatisfying(MayflyException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PUSH_TOO_LARGE);
            assertThat(e.detail()).contains(why);
        });
    }

    private void assertRejected(ObjectId tree, String why) {
        assertThatThrownBy(() -> check(tree)).isInstanceOfSatisfying(MayflyException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PUSH_REJECTED);
            assertThat(e.detail()).contains(why);
        });
    }

    private ObjectId blob(String text) throws IOException {
        return insert(Constants.OBJ_BLOB, text.getBytes(StandardCharsets.UTF_8));
    }

    private ObjectId tree(TreeBytes entries) throws IOException {
        return insert(Constants.OBJ_TREE, entries.bytes());
    }

    private ObjectId insert(int type, byte[] data) throws IOException {
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId id = inserter.insert(type, data);
            inserter.flush();
            return id;
        }
    }
}
