package dev.mayfly.model;

/**
 * Every failure a person or a program can meet, by a name that never changes. HTTP statuses are decided by the problem
 * renderer alone.
 */
public enum ErrorCode {
    INVALID_REQUEST("request.invalid", Blame.CALLER),
    UNAUTHENTICATED("auth.required", Blame.CALLER),
    FORBIDDEN("auth.forbidden", Blame.CALLER),
    NOT_FOUND("not_found", Blame.CALLER),
    METHOD_NOT_ALLOWED("request.method_not_allowed", Blame.CALLER),
    CONFLICT("conflict", Blame.CALLER),
    PRECONDITION_REQUIRED("precondition.required", Blame.CALLER),
    PRECONDITION_FAILED("precondition.failed", Blame.CALLER),
    TOO_LARGE("request.too_large", Blame.CALLER),
    URI_TOO_LONG("request.uri_too_long", Blame.CALLER),
    HEADERS_TOO_LARGE("request.headers_too_large", Blame.CALLER),
    REQUEST_TIMEOUT("request.timeout", Blame.CALLER),
    QUOTA_EXCEEDED("quota.exceeded", Blame.CAPACITY),
    RATE_LIMITED("rate.limited", Blame.CAPACITY),

    APP_NOT_FOUND("app.not_found", Blame.CALLER),
    APP_NOT_DEPLOYED("app.not_deployed", Blame.CALLER),
    ROUTE_NOT_FOUND("route.not_found", Blame.CALLER),

    PUSH_BRANCH("push.branch", Blame.CALLER),
    PUSH_REJECTED("push.rejected", Blame.CALLER),
    PUSH_TOO_LARGE("push.too_large", Blame.CALLER),

    MANIFEST_INVALID("manifest.invalid", Blame.FUNCTION),
    BUILD_NO_BUILDPACK("build.no_buildpack", Blame.FUNCTION),
    BUILD_VERSION_UNAVAILABLE("build.version_unavailable", Blame.FUNCTION),
    BUILD_FAILED("build.failed", Blame.FUNCTION),
    BUILD_TIMEOUT("build.timeout", Blame.FUNCTION),
    BUILD_DISK("build.disk", Blame.FUNCTION),
    BUILD_CANCELLED("build.cancelled", Blame.CALLER),
    BUILD_NO_PROCESS("build.no_process", Blame.FUNCTION),
    RELEASE_COMMAND_FAILED("release.command_failed", Blame.FUNCTION),
    RELEASE_UNHEALTHY("release.unhealthy", Blame.FUNCTION),

    START_FAILED("start.failed", Blame.FUNCTION),
    START_TIMEOUT("start.timeout", Blame.FUNCTION),
    INSTANCE_DIED("instance.died", Blame.FUNCTION),
    RESPONSE_INVALID("response.invalid", Blame.FUNCTION),
    QUEUE_TIMEOUT("queue.timeout", Blame.CAPACITY),
    QUEUE_FULL("queue.full", Blame.CAPACITY),
    IDLE_TIMEOUT("idle.timeout", Blame.FUNCTION),
    TOTAL_TIMEOUT("total.timeout", Blame.FUNCTION),
    CAPACITY_EXHAUSTED("capacity.exhausted", Blame.CAPACITY),
    DISK_LOW("disk.low", Blame.CAPACITY),
    SHUTTING_DOWN("server.shutting_down", Blame.CAPACITY),

    CONFIG_INVALID("config.invalid", Blame.CALLER),
    STORE_UNAVAILABLE("store.unavailable", Blame.PLATFORM),
    UNSUPPORTED("unsupported", Blame.PLATFORM),
    /** The server cannot do all that it must; the answer says what. */
    NOT_READY("server.not_ready", Blame.PLATFORM),
    /** The platform could not make a sandbox: it is not the app's doing, and may work in a moment or on another server. */
    START_IMPOSSIBLE("start.impossible", Blame.PLATFORM),
    INTERNAL("internal", Blame.PLATFORM);

    private final String wireName;
    private final Blame blame;

    ErrorCode(String wireName, Blame blame) {
        this.wireName = wireName;
        this.blame = blame;
    }

    /** The stable name, for example {@code build.no_buildpack}. */
    public String wireName() {
        return wireName;
    }

    public Blame blame() {
        return blame;
    }
}
