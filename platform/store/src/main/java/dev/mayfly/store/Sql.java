package dev.mayfly.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Between rows and values: instants in UTC, columns that may be null. */
final class Sql {
    private Sql() {}

    /** A cast, because jOOQ binds the type as text and PostgreSQL does not convert that by itself. */
    static Field<OffsetDateTime> utc(Instant instant) {
        return cast(instant.atOffset(ZoneOffset.UTC));
    }

    private static Field<OffsetDateTime> cast(@Nullable OffsetDateTime value) {
        return DSL.cast(DSL.val(value, SQLDataType.TIMESTAMPWITHTIMEZONE(6)), SQLDataType.TIMESTAMPWITHTIMEZONE(6));
    }

    static Instant instant(Record row, String column) {
        OffsetDateTime value = row.get(column, OffsetDateTime.class);
        if (value == null) {
            throw new IllegalStateException(column + " is null");
        }
        return value.toInstant();
    }

    static Optional<Instant> optionalInstant(Record row, String column) {
        return Optional.ofNullable(row.get(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    static String text(Record row, String column) {
        String value = row.get(column, String.class);
        if (value == null) {
            throw new IllegalStateException(column + " is null");
        }
        return value;
    }

    static Optional<String> optionalText(Record row, String column) {
        return Optional.ofNullable(row.get(column, String.class));
    }

    static int integer(Record row, String column) {
        Integer value = row.get(column, Integer.class);
        if (value == null) {
            throw new IllegalStateException(column + " is null");
        }
        return value;
    }

    static Optional<Integer> optionalInteger(Record row, String column) {
        return Optional.ofNullable(row.get(column, Integer.class));
    }

    static Field<OffsetDateTime> utcOrNull(Optional<Instant> instant) {
        return cast(instant.map(value -> value.atOffset(ZoneOffset.UTC)).orElse(null));
    }
}
