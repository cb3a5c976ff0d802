package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.RunOutcome;

/** The app cannot be built, for a reason that the person who pushed can act on. */
final class BuildFailure extends Exception {
    private static final long serialVersionUID = 1;

    private static final int REASON_CHARACTERS_MAX = 1_000;

    private final ErrorCode code;
    private final String phase;

    /** @param reason may quote what a build said: it becomes one line that no terminal acts on */
    BuildFailure(ErrorCode code, String phase, String reason) {
        super(oneLine(reason), null, false, false);
        this.code = code;
        this.phase = phase;
    }

    /**
     * Throws unless a command of the build ended well.
     *
     * @param what whose command it was, as the beginning of a sentence
     * @throws MayflyException if it was not the command's doing
     */
    static void require(RunOutcome outcome, String phase, String what) throws BuildFailure {
        String reason = what + " " + outcome.describe() + ".";
        switch (outcome) {
            case RunOutcome.Exited exited -> {
                if (exited.code() != 0) {
                    throw new BuildFailure(ErrorCode.BUILD_FAILED, phase, reason);
                }
            }
            case RunOutcome.TimedOut _ -> throw new BuildFailure(ErrorCode.BUILD_TIMEOUT, phase, reason);
            case RunOutcome.Killed killed -> {
                switch (killed.cause()) {
                    case OUT_OF_MEMORY -> throw new BuildFailure(ErrorCode.BUILD_FAILED, phase, reason);
                    case RUNTIME_LOST -> throw new MayflyException(ErrorCode.INTERNAL, reason);
                }
            }
        }
    }

    private static String oneLine(String reason) {
        String shown =
                reason.length() > REASON_CHARACTERS_MAX ? reason.substring(0, REASON_CHARACTERS_MAX) + "..." : reason;
        return shown.replaceAll("\\p{Cntrl}", " ");
    }

    BuildResult.Failed result() {
        return new BuildResult.Failed(code, phase, String.valueOf(getMessage()));
    }
}
