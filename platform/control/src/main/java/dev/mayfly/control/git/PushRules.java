package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import java.util.Collection;
import org.eclipse.jgit.transport.ReceiveCommand;

/** Which refs may be pushed: one of the branches that deploy, and no deletion. Asked before a pack is read. */
final class PushRules {
    private PushRules() {}

    /** Refuses all commands that may not be, with the reason. */
    static void refuse(Collection<ReceiveCommand> commands, AppRef app) {
        boolean one = false;
        for (ReceiveCommand command : commands) {
            if (command.getResult() != ReceiveCommand.Result.NOT_ATTEMPTED) {
                continue;
            }
            if (!Repositories.BRANCHES.contains(command.getRefName())) {
                refuse(command, "only the branches main and master are deployed");
            } else if (command.getType() == ReceiveCommand.Type.DELETE) {
                refuse(command, "the deployed branch cannot be deleted; mayfly apps destroy " + app.app());
            } else if (one) {
                refuse(command, "one branch at a time is deployed");
            } else {
                one = true;
            }
        }
    }

    private static void refuse(ReceiveCommand command, String why) {
        command.setResult(ReceiveCommand.Result.REJECTED_OTHER_REASON, why);
    }
}
