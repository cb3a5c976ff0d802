package dev.mayfly.store;

import org.jooq.ConnectionProvider;
import org.jooq.TransactionContext;
import org.jooq.TransactionProvider;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DefaultTransactionProvider;

/** jOOQ's transactions, whose begin and end fail like every other statement if the database is away. */
final class Transactions implements TransactionProvider {
    private final TransactionProvider plain;
    private final Runnable seen;

    Transactions(ConnectionProvider connections, Runnable seen) {
        this.plain = new DefaultTransactionProvider(connections);
        this.seen = seen;
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
        run(() -> plain.rollback(context));
    }

    private void run(Runnable step) {
        try {
            step.run();
        } catch (DataAccessException e) {
            if (Outage.is(e)) {
                seen.run();
                throw Outage.exception(e);
            }
            throw e;
        }
    }
}
