package dev.mayfly.runtime.problem;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.InvalidFieldException;
import dev.mayfly.model.MayflyException;
import java.util.List;

/** From failures to problem documents. */
public final class Problems {
    private Problems() {}

    /**
     * The problem to show for a failure. What is not ours to show becomes {@code internal} without its message; whoever
     * calls this logs the cause.
     */
    public static Problem of(Throwable failure) {
        return switch (failure) {
            case InvalidFieldException wrong ->
                Problem.of(wrong.code(), wrong.detail())
                        .withErrors(List.of(new Problem.FieldError(
                                wrong.field().pointer(), wrong.field().fault())));
            case MayflyException known -> Problem.of(known.code(), known.detail());
            default -> Problem.of(ErrorCode.INTERNAL, "Mayfly failed; the server's log says why.");
        };
    }

    /** The HTTP status of a code. */
    public static int status(ErrorCode code) {
        return switch (code) {
            case INVALID_REQUEST, CONFIG_INVALID -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND, APP_NOT_FOUND, ROUTE_NOT_FOUND, APP_NOT_DEPLOYED -> 404;
            case METHOD_NOT_ALLOWED -> 405;
            case REQUEST_TIMEOUT -> 408;
            case CONFLICT, BUILD_CANCELLED -> 409;
            case PRECONDITION_FAILED -> 412;
            case TOO_LARGE, PUSH_TOO_LARGE -> 413;
            case URI_TOO_LONG -> 414;
            case PUSH_BRANCH,
                    PUSH_REJECTED,
                    MANIFEST_INVALID,
                    BUILD_NO_BUILDPACK,
                    BUILD_VERSION_UNAVAILABLE,
                    BUILD_FAILED,
                    BUILD_TIMEOUT,
                    BUILD_DISK,
                    BUILD_NO_PROCESS,
                    RELEASE_COMMAND_FAILED,
                    RELEASE_UNHEALTHY -> 422;
            case PRECONDITION_REQUIRED -> 428;
            case QUOTA_EXCEEDED, RATE_LIMITED -> 429;
            case HEADERS_TOO_LARGE -> 431;
            case INTERNAL -> 500;
            case UNSUPPORTED -> 501;
            case START_FAILED, INSTANCE_DIED, RESPONSE_INVALID -> 502;
            case QUEUE_TIMEOUT,
                    QUEUE_FULL,
                    CAPACITY_EXHAUSTED,
                    SHUTTING_DOWN,
                    NOT_READY,
                    START_IMPOSSIBLE,
                    STORE_UNAVAILABLE -> 503;
            case START_TIMEOUT, IDLE_TIMEOUT, TOTAL_TIMEOUT -> 504;
            case DISK_LOW -> 507;
        };
    }

    static String title(ErrorCode code) {
        String words = code.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
