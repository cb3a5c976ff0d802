package dev.mayfly.control.git;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.control.deploy.DeployRequest;
import dev.mayfly.control.deploy.DeployResult;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
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
    private static final int REASON_CHARS_MAX = 300;

    /** Who pushes what where. */
    record Push(AppRef app, String actor) {}

    private final Push push;
    private final Deployer deployer;
    private final GitConfig config;
    private final ResponseBody client;
    private String outcome = "refused";

    PushHook(Push push, Deployer deployer, GitConfig config, ResponseBody client) {
        this.push = push;
        this.deployer = deployer;
        this.config = config;
        this.client = client;
    }

    /** For the metrics: {@code live}, {@code rejected}, {@code cancelled} or {@code refused}. */
    String outcome() {
        return outcome;
    }

    @Override
    public void onPreReceive(ReceivePack pack, Collection<ReceiveCommand> commands) {
        List<String> options = pack.getPushOptions() == null ? List.of() : pack.getPushOptions();
        if (options.contains("detach")) {
            client.detach();
        }
        boolean one = false;
        for (ReceiveCommand command : commands) {
            if (command.getResult() != ReceiveCommand.Result.NOT_ATTEMPTED) {
                continue;
            }
            if (!Repositories.BRANCHES.contains(command.getRefName())) {
                refuse(command, "only the branches main and master are deployed");
            } else if (command.getType() == ReceiveCommand.Type.DELETE) {
                refuse(
                        command,
                        "the deployed branch cannot be deleted; mayfly apps destroy "
                                + push.app().app());
            } else if (one) {
                refuse(command, "one branch at a time is deployed");
            } else {
                one = true;
                deploy(pack, command, options.contains("no-cache"));
            }
        }
    }

    private void deploy(ReceivePack pack, ReceiveCommand command, boolean noCache) {
        BuildOutput output = line -> tell(pack.getMessageOutputStream(), line);
        try (RevWalk walk = new RevWalk(pack.getRepository())) {
            RevCommit commit = walk.parseCommit(command.getNewId());
            ObjectId tree = commit.getTree().getId();
            DeployResult result = deployer.deploy(
                    new DeployRequest(
                            push.app(),
                            commit.name(),
                            new GitTree(pack.getRepository(), tree, config.filesMax()),
                            push.actor(),
                            noCache),
                    output);
            switch (result) {
                case DeployResult.Live _ -> {
                    outcome = "live";
                    // Here and not after this hook, where JGit would tell of its progress after the URL.
                    command.execute(pack);
                }
                case DeployResult.Rejected why -> {
                    outcome = "rejected";
                    refuse(
                            command,
                            word(why.code()) + ": " + shorten(why.reason())
                                    + why.buildId()
                                            .map(id -> "; mayfly builds logs " + id)
                                            .orElse(""));
                }
            }
        } catch (InterruptedException e) {
            outcome = "cancelled";
            refuse(command, "cancelled");
        } catch (IOException | RuntimeException e) {
            log.atError().addKeyValue("app", push.app()).setCause(e).log("Push failed");
            refuse(command, "Mayfly itself failed; see its log");
        }
    }

    private static void refuse(ReceiveCommand command, String why) {
        command.setResult(ReceiveCommand.Result.REJECTED_OTHER_REASON, why);
    }

    private static String word(ErrorCode code) {
        return switch (code) {
            case START_FAILED, START_TIMEOUT, RELEASE_UNHEALTHY -> "unhealthy start";
            case RELEASE_COMMAND_FAILED -> "release command failed";
            case CAPACITY_EXHAUSTED, QUOTA_EXCEEDED -> "no capacity";
            default -> "build failed";
        };
    }

    /** Git shows the reason on one line. */
    private static String shorten(String reason) {
        String line = reason.lines().findFirst().orElse("").strip().replaceFirst("\\.$", "");
        return line.length() > REASON_CHARS_MAX ? line.substring(0, REASON_CHARS_MAX) + "…" : line;
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
