package dev.mayfly.model;

import static java.util.Objects.requireNonNull;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Every failure that is not an expected alternative. The message is for the person who caused or meets it: what was
 * wrong and what was expected. The cause stays on this side and is logged once, where it is handled.
 */
public sealed class MayflyException extends RuntimeException permits InvalidFieldException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public MayflyException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public MayflyException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(requireNonNull(message, "message"), cause);
        this.code = requireNonNull(code, "code");
    }

    public final ErrorCode code() {
        return code;
    }

    /** The message, never null. */
    public final String detail() {
        return requireNonNull(getMessage());
    }
}
