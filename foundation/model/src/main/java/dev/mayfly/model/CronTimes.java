package dev.mayfly.model;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Points in time as cron writes them: minute, hour, day of the month, month, day of the week; each {@code *}, a number, a
 * range, a list, with a step if wanted; months and days also by their first three letters. As in cron, a day matches either of
 * its two fields if both are restricted. A time that a zone skips comes as much later as is skipped; one that comes twice
 * counts once.
 */
public final class CronTimes {
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
    private static final int TEXT_MAX = 200;

    private final String text;
    private final long minutes;
    private final long hours;
    private final long daysOfMonth;
    private final long months;
    private final long daysOfWeek;
    private final boolean anyDayOfMonth;
    private final boolean anyDayOfWeek;

    private CronTimes(String text, String[] fields) {
        this.text = String.join(" ", fields);
        this.minutes = field(text, "minute", fields[0], 0, 59, List.of(), 0);
        this.hours = field(text, "hour", fields[1], 0, 23, List.of(), 0);
        this.daysOfMonth = field(text, "day of the month", fields[2], 1, 31, List.of(), 0);
        this.months = field(text, "month", fields[3], 1, 12, MONTHS, 1);
        long week = field(text, "day of the week", fields[4], 0, 7, DAYS, 0);
        this.daysOfWeek = (week & (1L << 7)) == 0 ? week : week | 1L; // 7 is Sunday, too.
        this.anyDayOfMonth = fields[2].startsWith("*");
        this.anyDayOfWeek = fields[4].startsWith("*");
    }

    /** @throws InvalidFieldException {@code MANIFEST_INVALID} naming the field, its value and what was expected */
    public static CronTimes parse(String text) {
        String[] fields = text.strip().toLowerCase(Locale.ROOT).split("\\s+", -1);
        if (text.length() > TEXT_MAX || fields.length != 5) {
            throw wrong(text, "five fields: minute hour day month weekday, as in \"0 8 * * mon-fri\"");
        }
        return new CronTimes(text, fields);
    }

    /** The last such time that is not after now and not longer ago than this. */
    public Optional<Instant> last(Instant now, ZoneId zone, Duration lookBack) {
        Instant earliest = now.minus(lookBack);
        LocalDate first = earliest.atZone(zone).toLocalDate();
        for (LocalDate day = now.atZone(zone).toLocalDate(); !day.isBefore(first); day = day.minusDays(1)) {
            if (!matches(day)) {
                continue;
            }
            for (int hour = 23; hour >= 0; hour--) {
                for (int minute = 59; has(hours, hour) && minute >= 0; minute--) {
                    if (has(minutes, minute)) {
                        Instant at = day.atTime(LocalTime.of(hour, minute))
                                .atZone(zone)
                                .toInstant();
                        if (!at.isAfter(now)) {
                            return at.isBefore(earliest) ? Optional.empty() : Optional.of(at);
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }

    private boolean matches(LocalDate day) {
        if (!has(months, day.getMonthValue())) {
            return false;
        }
        boolean ofMonth = has(daysOfMonth, day.getDayOfMonth());
        boolean ofWeek = has(daysOfWeek, day.getDayOfWeek().getValue() % 7);
        boolean both = anyDayOfMonth || anyDayOfWeek;
        return both ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    private static boolean has(long set, int value) {
        return (set & (1L << value)) != 0;
    }

    private static long field(
            String text, String what, String field, int least, int most, List<String> names, int firstName) {
        long set = 0;
        for (String part : field.split(",", -1)) {
            String[] stepped = part.split("/", -1);
            String[] ends = stepped[0].split("-", -1);
            boolean any = stepped[0].equals("*");
            int from = any ? least : number(ends[0], names, firstName);
            int to = any || (stepped.length == 2 && ends.length == 1) ? most : from;
            if (ends.length == 2) {
                to = number(ends[1], names, firstName);
            }
            int step = stepped.length == 2 ? number(stepped[1], List.of(), 0) : 1;
            if (stepped.length > 2 || ends.length > 2 || from < least || to > most || from > to || step < 1) {
                throw wrong(text, what + " '" + part + "' as a number, range or list within " + least + "-" + most);
            }
            for (int value = from; value <= to; value += step) {
                set |= 1L << value;
            }
        }
        return set;
    }

    /** -1 for what is none: out of every range. */
    private static int number(String text, List<String> names, int firstName) {
        if (text.matches("\\d{1,2}")) {
            return Integer.parseInt(text);
        }
        int name = names.indexOf(text);
        return name < 0 ? -1 : name + firstName;
    }

    private static InvalidFieldException wrong(String text, String expected) {
        return InvalidFieldException.ofManifest("cron", "'" + text + "'", expected);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CronTimes times && times.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** In one line, as it was written. */
    @Override
    public String toString() {
        return text;
    }
}
