package dev.mayfly.store;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away (no space, no connection, closed) from a statement that is wrong. */
final class Outage implements ExecuteListener {
    private static final long serialVersionUID = 1L;

    /** Classes of SQLSTATE: connection; insufficient resources; operator intervention; system error (PostgreSQL). */
    private static final Set<String> CLASSES = Set.of("08", "53", "57", "58");

    /** A statement that took too long or was cancelled; of its class, but about this statement alone. */
    private static final String CANCELLED = "57014";

    /**
     * Of H2: general error (its store is closed), I/O error, file corrupted, connection broken, database closed, no disk space,
     * called at shutdown, object closed, timeout of opening.
     */
    private static final Set<Integer> CODES =
            Set.of(50_000, 90_007, 90_020, 90_028, 90_030, 90_031, 90_067, 90_098, 90_100, 90_121);

    private final transient Runnable seen;

    /** @param seen is told of each */
    Outage(Runnable seen) {
        this.seen = seen;
    }

    /** Whether the failure says nothing about what was asked for. */
    static boolean is(@Nullable Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLTransientConnectionException
                    || each instanceof SQLNonTransientConnectionException
                    || each instanceof SQLRecoverableException
                    || (each instanceof SQLException sql && is(sql))) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(SQLException failure) {
        String state = failure.getSQLState();
        return CODES.contains(failure.getErrorCode())
                || (state != null
                        && state.length() == 5
                        && !state.equals(CANCELLED)
                        && CLASSES.contains(state.substring(0, 2)));
    }

    static MayflyException exception(Throwable cause) {
        return new MayflyException(
                ErrorCode.STORE_UNAVAILABLE,
                "Mayfly's database is away for the moment; what is deployed serves on. Try again soon.",
                cause);
    }

    @Override
    public void exception(ExecuteContext context) {
        SQLException failure = context.sqlException();
        if (failure != null && is(failure)) {
            seen.run();
            context.exception(exception(failure));
        }
    }
}
