package dev.mayfly.control.deploy;

import dev.mayfly.model.ErrorCode;
import java.util.Optional;

/** What came of a deploy. */
public sealed interface DeployResult {
    /** The release serves. */
    record Live(int version, String url, Optional<String> buildId) implements DeployResult {}

    /**
     * The app is as it was.
     *
     * @param reason one line for the person who deployed
     */
    record Rejected(ErrorCode code, String reason, Optional<String> buildId) implements DeployResult {}
}
