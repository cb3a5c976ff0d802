package dev.mayfly.control.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Packs that lie about themselves or grow when they are unpacked are refused before they cost anything. */
@Timeout(60)
final class QuarantinedPackTest {
    private static final AppRef APP = AppRef.of("local", "shop");
    private static final int MIB = 1024 * 1024;
    private static final PackLimits LIMITS = new PackLimits(16, 1_000, 64, 4, Duration.ofMinutes(1));

    @TempDir
    Path data;

    private final GitJobs jobs = new GitJobs(4, 4);
    private Repositories repositories;
    private FileRepository accepted;
    private Quarantine quarantine;
    private GitJob job;

    @BeforeEach
    void open() throws IOException {
        repositories = new Repositories(data, GitConfig.DEFAULTS);
        accepted = repositories.open(APP);
        quarantine = repositories.quarantine(APP);
        Optional<GitJob> admitted = jobs.admit(GitJob.Kind.PUSH, APP);
        job = admitted.orElseThrow();
    }

    @AfterEach
    void close() {
        job.close();
        quarantine.close();
        accepted.close();
        repositories.close();
    }

    @Test
    void anHonestPackCanBeReadAndIsInvisibleUntilItIsAccepted() throws IOException {
        byte[] file = "hello\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        byte[] changed = ("hello\n".repeat(1_000) + "you").getBytes(StandardCharsets.US_ASCII);
        HandPack pack = new HandPack();
        long base = pack.position();
        pack.whole(Constants.OBJ_BLOB, file).offsetDelta(base, HandPack.delta(file.length, changed.length, "you"));
        index(pack.bytes());
        ObjectId id = HandPack.id(Constants.OBJ_BLOB, changed);
        assertThat(quarantine.repository().open(id).getBytes()).isEqualTo(changed);
        assertThat(accepted.getObjectDatabase().has(id)).isFalse();
        quarantine.accept();
        quarantine.accept();
        assertThat(accepted.open(id).getBytes()).isEqualTo(changed);
        assertThat(accepted.open(HandPack.id(Constants.OBJ_BLOB, file)).getBytes())
                .isEqualTo(file);
    }

    @Test
    void aThinPackIsCompletedWithWhatTheRepositoryHas() throws IOException {
        byte[] file = "line\n".repeat(500).getBytes(StandardCharsets.US_ASCII);
        byte[] changed = ("line\n".repeat(500) + "more").getBytes(StandardCharsets.US_ASCII);
        ObjectId base = existing(file);
        index(new HandPack()
                .nameDelta(base, HandPack.delta(file.length, changed.length, "more"))
                .bytes());
        quarantine.accept();
        Repositories.deleteTree(
                accepted.getObjectsDirectory().toPath().resolve(base.name().substring(0, 2)));
        try (FileRepository again = repositories.open(APP)) {
            ObjectId id = HandPack.id(Constants.OBJ_BLOB, changed);
            assertThat(again.open(id).getBytes()).isEqualTo(changed);
            assertThat(again.open(base).getBytes()).as("the base came with it").isEqualTo(file);
        }
    }

    @Test
    void aNumberOfObjectsIsCheckedBeforeMemoryIsTakenForIt() {
        for (long claimed : new long[] {1_001, Integer.MAX_VALUE, 0xffffffffL}) {
            assertTooLarge(() -> index(new HandPack().bytes(claimed)), "objects");
        }
    }

    @Test
    void aDirectoryThatClaimsToBeHugeTakesNoMemory() {
        long claimed = 30L * MIB;
        assertTooLarge(
                () -> index(new HandPack()
                        .whole(Constants.OBJ_TREE, claimed, HandPack.deflated(new byte[10]))
                        .bytes()),
                "tree");
        assertTooLarge(
                () -> index(new HandPack()
                        .whole(Constants.OBJ_COMMIT, 2 * MIB, HandPack.deflated(new byte[10]))
                        .bytes()),
                "commit");
    }

    @Test
    void sizesThatOverflowAreRefused() {
        assertThatThrownBy(() -> index(new HandPack()
                        .whole(Constants.OBJ_TREE, -1L >>> 1, HandPack.deflated(new byte[1]))
                        .bytes()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> index(new HandPack()
                        .whole(Constants.OBJ_BLOB, -1L, HandPack.deflated(new byte[1]))
                        .bytes()))
                .isInstanceOfAny(IOException.class, RuntimeException.class);
    }

    @Test
    void aFileThatInflatesToMoreThanOneMayHaveIsRefused() {
        assertThatThrownBy(() -> index(new HandPack()
                        .whole(Constants.OBJ_BLOB, 33L * MIB, HandPack.zeros(33L * MIB))
                        .bytes()))
                .isInstanceOf(TooLargeObjectInPackException.class);
    }

    @Test
    void manyFilesThatInflateTogetherToTooMuchAreRefused() {
        HandPack pack = new HandPack();
        for (int i = 0; i < 5; i++) {
            pack.whole(Constants.OBJ_BLOB, 15L * MIB + i, HandPack.zeros(15L * MIB + i));
        }
        assertTooLarge(() -> index(pack.bytes()), "64 MiB when they are unpacked");
    }

    @Test
    void aDeltaThatMakesTooLargeAnObjectIsRefused() {
        HandPack pack = new HandPack();
        long base = pack.position();
        pack.whole(Constants.OBJ_BLOB, new byte[64 * 1024]);
        pack.offsetDelta(base, HandPack.delta(64 * 1024, 5L * MIB, "x"));
        assertThatThrownBy(() -> index(pack.bytes())).isInstanceOf(TooLargeObjectInPackException.class);
    }

    @Test
    void aLargeFileUnderADeltaIsRefusedInsteadOfRead() throws IOException {
        HandPack pack = new HandPack();
        long base = pack.position();
        pack.whole(Constants.OBJ_BLOB, 5L * MIB, HandPack.zeros(5L * MIB));
        pack.offsetDelta(base, HandPack.delta(5L * MIB, 100, "x"));
        assertTooLarge(() -> index(pack.bytes()), "core.bigFileThreshold");

        ObjectId large = existing(new byte[5 * MIB]);
        assertTooLarge(
                () -> index(new HandPack()
                        .nameDelta(large, HandPack.delta(5L * MIB, 100, "y"))
                        .bytes()),
                "core.bigFileThreshold");
    }

    @Test
    void manyDeltasThatTogetherMakeTooMuchAreRefused() {
        HandPack pack = new HandPack();
        long base = pack.position();
        int size = 3 * MIB;
        pack.whole(Constants.OBJ_BLOB, size, HandPack.zeros(size));
        for (int i = 0; i < 30; i++) {
            pack.offsetDelta(base, HandPack.delta(size, size, String.format("%08d", i)));
        }
        assertTooLarge(() -> index(pack.bytes()), "64 MiB when they are unpacked");
    }

    @Test
    void aChainThatKeepsAllItsObjectsWaitingIsRefused() {
        assertTooLarge(() -> index(chain(2)), "memory");
    }

    @Test
    void aChainThatKeepsNothingWaitingIsTaken() throws IOException {
        index(chain(1));
        assertThat(files(quarantine.packs())).hasSize(2);
    }

    /** Objects of 3 MiB, each a delta on the one before, and each with so many children. */
    private static byte[] chain(int children) {
        HandPack pack = new HandPack();
        int size = 3 * MIB;
        long base = pack.position();
        pack.whole(Constants.OBJ_BLOB, size, HandPack.zeros(size));
        for (int i = 0; i < 5; i++) {
            long next = pack.position();
            pack.offsetDelta(base, HandPack.delta(size, size, "link " + i));
            for (int other = 1; other < children; other++) {
                pack.offsetDelta(base, HandPack.delta(size, 100, "leaf " + i + " " + other));
            }
            base = next;
        }
        return pack.bytes();
    }

    @Test
    void deltasOnOneAnotherAndOnNothingAreRefused() {
        byte[] delta = HandPack.delta(10, 10, "0123456789");
        assertThatThrownBy(() -> index(new HandPack().offsetDelta(0, delta).bytes()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> index(new HandPack()
                        .nameDelta(ObjectId.fromString("1".repeat(40)), delta)
                        .bytes()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void damagedAndUnfinishedPacksAreRefused() {
        byte[] whole =
                new HandPack().whole(Constants.OBJ_BLOB, new byte[] {1, 2, 3}).bytes();
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 5);
        assertThatThrownBy(() -> index(cut)).isInstanceOf(IOException.class);
        byte[] longer = java.util.Arrays.copyOf(whole, whole.length + 5);
        assertThatThrownBy(() -> index(longer)).isInstanceOf(CorruptObjectException.class);
        byte[] flipped = whole.clone();
        flipped[flipped.length - 1] ^= 1;
        assertThatThrownBy(() -> index(flipped)).isInstanceOf(CorruptObjectException.class);
    }

    @Test
    void namesTooLongForAnyDiskAreRefusedBeforeTheyAreCompared() {
        byte[] tree = new TreeBytes().file("x".repeat(300), ObjectId.zeroId()).bytes();
        assertThatThrownBy(() ->
                        index(new HandPack().whole(Constants.OBJ_TREE, tree).bytes()))
                .isInstanceOf(CorruptObjectException.class);
    }

    @Test
    void everySpellingOfTheGitFolderIsRefused() {
        for (String name : new String[] {".git", ".GIT", "git~1", ".git ", ".g\u200cit", "..", "."}) {
            byte[] tree = new TreeBytes()
                    .file(name, ObjectId.fromString("1".repeat(40)))
                    .bytes();
            assertThatThrownBy(() ->
                            index(new HandPack().whole(Constants.OBJ_TREE, tree).bytes()))
                    .as(name)
                    .isInstanceOf(CorruptObjectException.class);
        }
    }

    @Test
    void aStoppedJobEndsTheWorkWhereverItIs() {
        job.stop();
        assertThatThrownBy(() -> index(chain(1))).isInstanceOf(CancellationException.class);
    }

    @Test
    void theTimeOfACheckIsLimited() {
        job.phase("the check", Duration.ofNanos(1));
        assertThatThrownBy(() -> index(chain(1)))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_TIMEOUT));
    }

    private void index(byte[] pack) throws IOException {
        Files.write(quarantine.arriving(), pack);
        try (ObjectReader existing = accepted.newObjectReader()) {
            RoomWatch room = new RoomWatch(repositories, APP, _ -> Optional.empty());
            PackBounds bounds = new PackBounds(LIMITS, 32L * MIB, new PackBounds.Room(64L * MIB, 100_000), existing);
            QuarantinedPack.index(quarantine, job, bounds, room, new ObjectRules());
        }
    }

    private ObjectId existing(byte[] file) throws IOException {
        try (ObjectInserter inserter = accepted.newObjectInserter()) {
            ObjectId id = inserter.insert(Constants.OBJ_BLOB, file);
            inserter.flush();
            return id;
        }
    }

    private void assertTooLarge(ThrowingCallable what, String why) {
        assertThatThrownBy(what).isInstanceOfSatisfying(MayflyException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PUSH_TOO_LARGE);
            assertThat(e.detail()).contains(why);
        });
    }

    private static Stream<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList().stream();
        }
    }
}
