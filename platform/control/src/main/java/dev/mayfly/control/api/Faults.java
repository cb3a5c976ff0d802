package dev.mayfly.control.api;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.problem.Problem;
import dev.mayfly.runtime.problem.Problems;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What went wrong with a request, as a problem: our own failures, the contract's findings, the router's refusals. */
final class Faults {
    private static final int ERRORS_MAX = 20;
    private static final Pattern PARAMETER =
            Pattern.compile("The value of \\w+ parameter (\\S+) is invalid\\. Reason: (.*)", Pattern.DOTALL);

    private Faults() {}

    /**
     * @param failure null if the router refused by status alone
     * @param status that the router would answer
     */
    static Problem of(@Nullable Throwable failure, int status) {
        boolean routers = failure == null || failure instanceof ValidatorException || failure instanceof HttpException;
        if (!routers) {
            return of(Objects.requireNonNull(failure));
        }
        ErrorCode code = switch (status) {
            case 404 -> ErrorCode.NOT_FOUND;
            case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
            case 413 -> ErrorCode.TOO_LARGE;
            default -> ErrorCode.INVALID_REQUEST;
        };
        return Problem.of(code, detail(failure)).withErrors(errors(failure));
    }

    static Problem of(Throwable failure) {
        // Ids and names check themselves; what they say is fit for the caller.
        return failure instanceof IllegalArgumentException && !(failure instanceof MayflyException)
                ? Problem.of(ErrorCode.INVALID_REQUEST, String.valueOf(failure.getMessage()))
                : Problems.of(failure);
    }

    /** The place and what is wrong there, or what the router says. */
    private static String detail(@Nullable Throwable failure) {
        Throwable deepest = failure;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            Matcher parameter = PARAMETER.matcher(String.valueOf(each.getMessage()));
            if (parameter.matches()) {
                return parameter.group(1) + ": " + parameter.group(2);
            }
            deepest = each;
        }
        // Of a member of the body the validator speaks three times; what its value lacks stands between.
        return errors(failure).stream()
                .filter(error -> !error.pointer().isEmpty())
                .filter(error -> !error.detail().startsWith("Property \"")
                        || error.detail().endsWith("additional properties schema"))
                .findFirst()
                .map(error -> error.pointer().substring(1).replace('/', '.') + ": "
                        + (error.detail().startsWith("Property \"") ? "is not known here" : error.detail()))
                .orElse(
                        deepest == null || deepest.getMessage() == null
                                ? "the request does not fit"
                                : deepest.getMessage());
    }

    /** The single findings, each with the place in the body; an object is not at fault because a member of it is. */
    private static List<Problem.FieldError> errors(@Nullable Throwable failure) {
        List<Problem.FieldError> errors = new ArrayList<>();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SchemaValidationException schema && schema.getOutputUnit() != null) {
                collect(schema.getOutputUnit(), errors);
            }
        }
        return errors.stream().distinct().limit(ERRORS_MAX).toList();
    }

    private static void collect(OutputUnit unit, List<Problem.FieldError> errors) {
        if (unit.getError() != null) {
            String at = Objects.requireNonNullElse(unit.getInstanceLocation(), "#");
            errors.add(new Problem.FieldError(at.replaceFirst("^#", ""), unit.getError()));
        }
        if (unit.getErrors() != null) {
            unit.getErrors().forEach(below -> collect(below, errors));
        }
    }
}
