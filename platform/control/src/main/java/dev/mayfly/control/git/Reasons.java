package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.Blame;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TerminalText;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why a push was refused, in one line for who pushed; it ends with the code that never changes. */
final class Reasons {
    private static final Logger log = LoggerFactory.getLogger(Reasons.class);
    private static final int CHARS_MAX = 300;

    private Reasons() {}

    static String of(Exception failure, AppRef app) {
        return switch (failure) {
            case MayflyException known -> {
                if (known.code().blame() == Blame.PLATFORM) {
                    log.atError().addKeyValue("app", app).setCause(failure).log("Push failed");
                }
                yield say(known.code(), known.detail());
            }
            case InterruptedException _, InterruptedIOException _, CancellationException _ -> "cancelled";
            case TooLargeObjectInPackException large ->
                say(
                        ErrorCode.PUSH_TOO_LARGE,
                        String.valueOf(large.getMessage()).replace(", rejecting the pack", "")
                                + "; if it is a file of your history: git config core.bigFileThreshold 16m"
                                + " && git repack -adF");
            case MissingObjectException missing ->
                say(
                        ErrorCode.PUSH_REJECTED,
                        "an object is missing (" + missing.getObjectId().name()
                                + "); a shallow clone cannot be pushed, complete it by: git fetch --unshallow");
            case EOFException _ -> say(ErrorCode.PUSH_REJECTED, "what was pushed is not complete");
            case IOException io
            when diskFull(io) -> {
                log.atError().addKeyValue("app", app).setCause(io).log("Push failed: the disk is full");
                yield say(ErrorCode.CAPACITY_EXHAUSTED, "the server's disk is full; tell its operator");
            }
            default -> {
                log.atWarn().addKeyValue("app", app).setCause(failure).log("A push could not be read");
                yield say(ErrorCode.PUSH_REJECTED, "what was pushed is damaged: " + failure.getMessage());
            }
        };
    }

    private static boolean diskFull(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    private static String say(ErrorCode code, String why) {
        String word = switch (code) {
            case PUSH_TOO_LARGE -> "too large: ";
            case PUSH_REJECTED, PUSH_BRANCH -> "";
            case REQUEST_TIMEOUT -> "timeout: ";
            case CAPACITY_EXHAUSTED, QUOTA_EXCEEDED -> "no capacity: ";
            default -> "";
        };
        return shorten(word + why) + " [" + code.wireName() + "]";
    }

    /** Git shows the reason on one line. */
    static String shorten(String reason) {
        String line = reason.lines().findFirst().orElse("").strip().replaceFirst("\\.$", "");
        return TerminalText.safe(line.length() > CHARS_MAX ? line.substring(0, CHARS_MAX) + "…" : line);
    }
}
