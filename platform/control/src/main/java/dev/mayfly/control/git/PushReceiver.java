package dev.mayfly.control.git;

import dev.mayfly.control.git.PackBounds.Room;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.internal.submodule.SubmoduleValidator;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.ConnectivityChecker.ConnectivityCheckInfo;
import org.eclipse.jgit.transport.PackParser;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.eclipse.jgit.transport.ReceivePack;
import org.eclipse.jgit.util.NB;

/**
 * Receives a push into its quarantine and checks all of it before anybody waits for a build: first the pack goes to a file,
 * which takes no heap however slow the client is; then, once there is a place, it is indexed, everything it needs is looked
 * for, and what would be deployed is counted. Whatever is wrong is said beside the ref.
 */
final class PushReceiver extends ReceivePack {
    private static final int HEADER_BYTES = 12;
    private static final int COMMAND_BYTES_MAX = 256 * 1024;
    private static final int SUBMODULES_BYTES_MAX = 64 * 1024;
    private static final int PACKS_MAX = 500;

    /** So many take a second to check. */
    private static final int OBJECTS_MANY = 20_000;

    private final Quarantine quarantine;
    private final Incoming in;
    private final GitJob job;
    private final Places places;
    private final GitConfig config;
    private final FileRepository accepted;
    private final RoomWatch watch;

    /**
     * @param accepted the app's repository without this push
     * @param watch over what it writes
     */
    PushReceiver(
            Quarantine quarantine,
            FileRepository accepted,
            Incoming in,
            GitJob job,
            Places places,
            GitConfig config,
            RoomWatch watch) {
        super(quarantine.repository());
        this.quarantine = quarantine;
        this.accepted = accepted;
        this.in = in;
        this.job = job;
        this.places = places;
        this.config = config;
        this.watch = watch;
        setMaxCommandBytes(COMMAND_BYTES_MAX);
    }

    @Override
    protected void receivePackAndCheckConnectivity() throws IOException {
        PushRules.refuse(getAllCommands(), job.app());
        try {
            if (!filterCommands(ReceiveCommand.Result.NOT_ATTEMPTED).isEmpty()) {
                receive();
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            String why = Reasons.of(e, job.app());
            for (ReceiveCommand command : filterCommands(ReceiveCommand.Result.NOT_ATTEMPTED)) {
                command.setResult(ReceiveCommand.Result.REJECTED_OTHER_REASON, why);
            }
        }
        job.phase("receiving what was refused", config.transferTimeout());
        in.skipRest();
        job.untimed();
    }

    private void receive() throws IOException, InterruptedException {
        Repositories.Size size = Repositories.size(accepted);
        Room room = new Room(
                Math.max(0, config.repository().bytesMax() - size.bytes()),
                Math.max(0, config.repository().repositoryObjectsMax() - size.objects()));
        if (size.packs() > PACKS_MAX) {
            throw new MayflyException(
                    ErrorCode.CAPACITY_EXHAUSTED,
                    "the repository waits to be tidied, which it is when nobody uses it; push again in some minutes");
        }
        long bytesMax = Math.min(config.pack().packBytesMax(), room.bytes());
        in.saveTo(
                quarantine.arriving(),
                bytesMax,
                bytesMax == room.bytes() ? "what the app's repository can take yet" : "the most for one push",
                watch);
        try (ObjectReader existing = accepted.newObjectReader()) {
            PackBounds bounds = new PackBounds(config.pack(), config.tree().fileBytesMax(), room, existing);
            long objects = objects();
            bounds.objects(objects);
            job.untimed();
            try (Places.Place _ =
                    places.take(config.pack().heapBytes(objects), job, () -> say("Waiting for other pushes"))) {
                if (objects > OBJECTS_MANY) {
                    say(String.format(Locale.ROOT, "Checking %,d objects", objects));
                }
                job.phase("the check of the push", config.pack().checkTimeout());
                ObjectRules rules = new ObjectRules();
                PackParser parser = QuarantinedPack.index(quarantine, job, bounds, watch, rules);
                checkSubmoduleFiles(rules);
                checkConnectivity(parser);
                checkTrees();
            }
        }
        job.untimed();
    }

    /** How many objects the pack says that it has. */
    private long objects() throws IOException {
        try (InputStream arrived = Files.newInputStream(quarantine.arriving())) {
            byte[] header = arrived.readNBytes(HEADER_BYTES);
            if (header.length < HEADER_BYTES) {
                throw new CorruptObjectException("it ends before it begins");
            }
            return NB.decodeUInt32(header, 8);
        }
    }

    /** Files that name submodules reach who clones this; a hostile one makes an old client run something. */
    private void checkSubmoduleFiles(ObjectRules rules) throws IOException {
        Set<ObjectId> seen = new HashSet<>();
        for (var entry : rules.getGitsubmodules()) {
            job.check();
            ObjectId blob = entry.getBlobId().copy();
            if (!seen.add(blob)) {
                continue;
            }
            ObjectLoader loader = quarantine.repository().open(blob, Constants.OBJ_BLOB);
            if (loader.getSize() > SUBMODULES_BYTES_MAX) {
                throw PackBounds.tooLarge(
                        "a .gitmodules of " + loader.getSize() + " bytes (at most " + SUBMODULES_BYTES_MAX + ")");
            }
            try {
                SubmoduleValidator.assertValidGitModulesFile(
                        new String(loader.getBytes(SUBMODULES_BYTES_MAX), StandardCharsets.UTF_8));
            } catch (SubmoduleValidator.SubmoduleValidationException e) {
                throw new CorruptObjectException(".gitmodules: " + e.getMessage());
            }
        }
    }

    private void checkConnectivity(PackParser parser) throws IOException {
        ConnectivityCheckInfo info = new ConnectivityCheckInfo();
        info.setCommands(getAllCommands());
        info.setRepository(quarantine.repository());
        info.setParser(parser);
        info.setWalk(getRevWalk());
        connectivityChecker.checkConnectivity(info, getAdvertisedObjects(), job.monitor());
    }

    private void checkTrees() throws IOException {
        try (RevWalk walk = new RevWalk(quarantine.repository())) {
            for (ReceiveCommand command : filterCommands(ReceiveCommand.Result.NOT_ATTEMPTED)) {
                if (!(walk.parseAny(command.getNewId()) instanceof RevCommit commit)) {
                    throw new MayflyException(ErrorCode.PUSH_REJECTED, "a branch leads to a commit and nothing else");
                }
                TreeCensus.check(walk.getObjectReader(), commit.getTree().getId(), config.tree(), job);
            }
        }
    }

    /** From the first word on the client gets signs of life. */
    private void say(String what) {
        try {
            getMessageOutputStream().write(("-----> " + what + "\n").getBytes(StandardCharsets.UTF_8));
            getMessageOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
