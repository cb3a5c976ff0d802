package dev.mayfly.control.git;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.control.deploy.DeployRequest;
import dev.mayfly.control.deploy.DeployResult;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.model.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.PreReceiveHook;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.eclipse.jgit.transport.ReceivePack;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deploys what was pushed before its ref moves. Whatever does not end with a release that serves is refused in our own words,
 * so that the same commit can be pushed again.
 */
final class PushHook implements PreReceiveHook {
    private static final Logger log = LoggerFactory.getLogger(PushHook.class);

    /**
     * Who pushes what where.
     *
     * @param quarantine where the objects lie
     * @param accepted the app's repository
     * @param garbage to be told when commits were left behind
     */
    record Push(
            GitJob job,
            String actor,
            Quarantine quarantine,
            FileRepository accepted,
            ResponseBody client,
            Runnable garbage) {}

    private final Push push;
    private final Deployer deployer;
    private final TreeLimits limits;
    private String outcome = "refused";

    PushHook(Push push, Deployer deployer, TreeLimits limits) {
        this.push = push;
        this.deployer = deployer;
        this.limits = limits;
    }

    /** For the metrics: {@code live}, {@code rejected}, {@code cancelled} or {@code refused}. */
    String outcome() {
        return outcome;
    }

    @Override
    public void onPreReceive(ReceivePack pack, Collection<ReceiveCommand> commands) {
        PushRules.refuse(commands, push.job().app());
        List<String> options = pack.getPushOptions() == null ? List.of() : pack.getPushOptions();
        if (options.contains("detach")) {
            push.client().detach();
            push.job().detach();
        }
        for (ReceiveCommand command : commands) {
            if (command.getResult() == ReceiveCommand.Result.NOT_ATTEMPTED) {
                deploy(pack, command, options.contains("no-cache"));
            }
        }
    }

    private void deploy(ReceivePack pack, ReceiveCommand command, boolean noCache) {
        BuildOutput output = line -> tell(pack.getMessageOutputStream(), line);
        try (RevWalk walk = new RevWalk(pack.getRepository())) {
            RevCommit commit = walk.parseCommit(command.getNewId());
            GitTree tree = new GitTree(pack.getRepository(), commit.getTree().getId(), limits);
            DeployResult result = deployer.deploy(
                    new DeployRequest(
                            push.job().app(), commit.name(), tree, push.actor(), noCache, () -> accept(command)),
                    output);
            switch (result) {
                case DeployResult.Live _ -> {
                    // Accepted, as it is the next one's turn by now.
                }
                case DeployResult.Rejected why -> {
                    outcome = "rejected";
                    refuse(
                            command,
                            word(why.code()) + ": " + Reasons.shorten(why.reason())
                                    + why.buildId()
                                            .map(id -> "; mayfly builds logs " + id)
                                            .orElse(""));
                }
            }
        } catch (InterruptedException e) {
            outcome = "cancelled";
            refuse(command, "cancelled");
        } catch (IOException | RuntimeException e) {
            log.atError().addKeyValue("app", push.job().app()).setCause(e).log("Push failed");
            refuse(command, "Mayfly itself failed; see its log");
        }
    }

    /** The release serves: its commits come into the repository, then the ref moves to it, wherever it was. */
    private void accept(ReceiveCommand command) {
        outcome = "live";
        push.job().shield();
        try (RevWalk walk = new RevWalk(push.accepted())) {
            push.quarantine().accept();
            RefUpdate update = push.accepted().updateRef(command.getRefName());
            update.setNewObjectId(command.getNewId());
            update.disableRefLog();
            RefUpdate.Result result = update.update(walk);
            if (result
                    == RefUpdate.Result
                            .REJECTED) { // No descendant of what is there: the push was one by force, or came second.
                result = update.forceUpdate();
                push.garbage().run();
            }
            switch (result) {
                case NEW, FAST_FORWARD, FORCED, NO_CHANGE -> command.setResult(ReceiveCommand.Result.OK);
                default -> throw new IOException("the ref could not be moved: " + result);
            }
        } catch (IOException | RuntimeException | Error e) {
            push.quarantine().keep();
            log.atError()
                    .addKeyValue("app", push.job().app())
                    .setCause(e)
                    .log("A release serves that git does not know");
            refuse(command, "it serves, but could not be written down; Mayfly's next start does it");
        }
    }

    private static void refuse(ReceiveCommand command, String why) {
        command.setResult(ReceiveCommand.Result.REJECTED_OTHER_REASON, why);
    }

    private static String word(ErrorCode code) {
        return switch (code) {
            case START_FAILED, START_TIMEOUT, RELEASE_UNHEALTHY -> "unhealthy start";
            case START_IMPOSSIBLE, INTERNAL -> "Mayfly itself failed";
            case RELEASE_COMMAND_FAILED -> "release command failed";
            case CAPACITY_EXHAUSTED, QUOTA_EXCEEDED, DISK_LOW -> "no capacity";
            default -> "build failed";
        };
    }

    /** A line of progress, at once. The client may have gone: then the connection's end cancels us, not this. */
    private static void tell(OutputStream messages, String line) {
        try {
            messages.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            messages.flush();
        } catch (IOException e) {
            log.debug("Nobody listens any more", e);
        }
    }
}
