package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.model.ErrorCode;

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

    private static String oneLine(String reason) {
        String shown =
                reason.length() > REASON_CHARACTERS_MAX ? reason.substring(0, REASON_CHARACTERS_MAX) + "..." : reason;
        return shown.replaceAll("\\p{Cntrl}", " ");
    }

    BuildResult.Failed result() {
        return new BuildResult.Failed(code, phase, String.valueOf(getMessage()));
    }
}
