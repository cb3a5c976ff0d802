package dev.mayfly.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.jooq.ConnectionProvider;
import org.jooq.TransactionContext;
import org.jooq.TransactionProvider;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DefaultTransactionProvider;

/**
 * jOOQ's transactions, whose begin and end fail like every other statement if the database is away.
 *
 * <p>A transaction of an H2 whose file was closed under it, by a disk that was full, is not rolled back: there is nothing left to roll
 * back, and H2 2.5 may look for a version of its closed store without end ({@code MVStore.registerVersionUsage}), on the thread of
 * whoever asks. Its connection goes with the pool, which is thrown away then.
 */
final class Transactions implements TransactionProvider {
    private final TransactionProvider plain;
    private final Database database;

    Transactions(Database database) {
        this.plain = new DefaultTransactionProvider(database);
        this.database = database;
    }

    @Override
    public void begin(TransactionContext context) {
        run(() -> plain.begin(context));
    }

    @Override
    public void commit(TransactionContext context) {
        run(() -> plain.commit(context));
    }

    @Override
    public void rollback(TransactionContext context) {
        ConnectionProvider own = context.configuration().connectionProvider();
        if (own == database) {
            return; // It had not begun: there was no connection.
        }
        Connection connection = own.acquire();
        if (connection != null && isOfClosedFile(connection)) {
            database.abandon(connection);
        } else {
            run(() -> plain.rollback(context));
        }
    }

    private static boolean isOfClosedFile(Connection connection) {
        try {
            return connection.isWrapperFor(JdbcConnection.class)
                    && connection.unwrap(JdbcConnection.class).getSession() instanceof SessionLocal session
                    && session.getDatabase().getStore().getMvStore().isClosed();
        } catch (SQLException e) {
            return false;
        }
    }

    private void run(Runnable step) {
        try {
            step.run();
        } catch (DataAccessException e) {
            if (Outage.is(e)) {
                database.doubt();
                throw Outage.exception(e);
            }
            throw e;
        }
    }
}
