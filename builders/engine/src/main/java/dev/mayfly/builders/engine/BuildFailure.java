package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.model.ErrorCode;

/** The app cannot be built, for a reason that the person who pushed can act on. */
final class BuildFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;
    private final String phase;

    BuildFailure(ErrorCode code, String phase, String reason) {
        super(reason, null, false, false);
        this.code = code;
        this.phase = phase;
    }

    BuildResult.Failed result() {
        return new BuildResult.Failed(code, phase, String.valueOf(getMessage()));
    }
}
