package dev.mayfly.bench.replay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Traces in the tables of the Azure PushedFunction data set: calls of each function in each minute, and memory of each. The one
 * that comes along is a sample of an hour; {@code README.md} beside it says what is missing from it.
 */
public final class AzureSample {
    private static final String FOLDER = "azure-functions-2019-sample/";
    private static final int FIRST_MINUTE = 2;
    private static final int MEMORY = 2;

    /** Where in its minute a call is. The tables do not say. */
    public enum Spread {
        /** All of a minute at even distances, the first at its beginning: timers stay exact to the second. */
        EVEN(""),
        /** At even distances, the first at a second of the minute that is the function's own: timers stay exact, too. */
        STAGGERED("-staggered"),
        /** Anywhere: timers are exact to two minutes. */
        SCATTERED("-scattered");

        private final String suffix;

        Spread(String suffix) {
            this.suffix = suffix;
        }
    }

    private AzureSample() {}

    /** @param random for {@link Spread#STAGGERED} and {@link Spread#SCATTERED} */
    public static Trace read(Spread spread, Random random) throws IOException {
        return trace("sample", lines(FOLDER + "invocations.csv"), lines(FOLDER + "memory.csv"), spread, random);
    }

    private static Trace trace(String name, List<String> calls, List<String> memory, Spread spread, Random random)
            throws IOException {
        if (calls.size() != memory.size() || calls.size() < 2) {
            throw new IOException(name + ": " + calls.size() + " lines of calls and " + memory.size()
                    + " of memory (expected: as many)");
        }
        List<Trace.Function> functions = new ArrayList<>();
        int minutes = 0;
        for (int i = 1; i < calls.size(); i++) {
            String[] row = calls.get(i).split(",", -1);
            minutes = row.length - FIRST_MINUTE;
            int mib = Integer.parseInt(memory.get(i).split(",", -1)[MEMORY]);
            functions.add(new Trace.Function(mib, calls(row, spread, random)));
        }
        return new Trace(name + spread.suffix, minutes * 60.0, functions);
    }

    private static List<Double> calls(String[] row, Spread spread, Random random) {
        List<Double> calls = new ArrayList<>();
        double own = spread == Spread.STAGGERED ? random.nextDouble() : 0;
        for (int i = FIRST_MINUTE; i < row.length; i++) {
            int count = Integer.parseInt(row[i]);
            for (int call = 0; call < count; call++) {
                double within = spread == Spread.SCATTERED ? random.nextDouble() : (call + own) / count;
                calls.add((i - FIRST_MINUTE + within) * 60);
            }
        }
        calls.sort(null);
        return calls;
    }

    private static List<String> lines(String resource) throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(AzureSample.class.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }
}
