package dev.mayfly.pool.core.keep;

import java.time.Duration;
import java.util.List;

/**
 * The hybrid histogram of "Serverless in the Wild" (Shahrad et al., USENIX ATC 2020), with its parameters: bins of one minute
 * over four hours; representative if the coefficient of variation of the bins' counts is at least 2; head at the 5th
 * percentile less a tenth, tail at the 99th more a tenth. What it does not publish is chosen here: it needs three samples. Its
 * forecast for apps that are mostly called at longer intervals than the range (ARIMA) is left out: they are kept for the
 * fallback's time.
 */
public final class HistogramKeepAlive implements KeepAlive {
    private static final int BIN_SECONDS = 60;
    private static final double SPREAD_MIN = 2;
    private static final double OUT_OF_RANGE_MAX = 0.5;
    private static final int SAMPLES_MIN = 3;
    private static final double HEAD = 0.05;
    private static final double TAIL = 0.99;
    private static final double MARGIN = 0.1;

    private final int bins;
    private final Duration fallback;

    /**
     * @param range longest idle time that is counted
     * @param fallback how long an app is kept whose histogram says nothing
     */
    public HistogramKeepAlive(Duration range, Duration fallback) {
        this.bins = Math.toIntExact(range.toSeconds() / BIN_SECONDS);
        this.fallback = fallback;
    }

    @Override
    public Habit unknown() {
        return new Histogram();
    }

    private final class Histogram implements Habit {
        private final int[] counts = new int[bins];
        private int inRange;
        private int outOfRange;

        @Override
        public void idleEnded(Duration idle) {
            long bin = idle.toSeconds() / BIN_SECONDS;
            if (bin < bins) {
                counts[(int) bin]++;
                inRange++;
            } else {
                outOfRange++;
            }
        }

        @Override
        public Plan plan(Duration saves) {
            if (!representative()) {
                return Plan.keepFor(fallback);
            }
            Duration from = seconds((1 - MARGIN) * percentile(HEAD));
            Duration until = seconds((1 + MARGIN) * (percentile(TAIL) + 1));
            return new Plan(List.of(new Plan.Window(from, until)));
        }

        @Override
        public double urgency(Duration idle) {
            long bin = idle.toSeconds() / BIN_SECONDS;
            if (bin >= bins || inRange == 0) {
                return 0;
            }
            int later = 0;
            for (int i = (int) bin; i < bins; i++) {
                later += counts[i];
            }
            return later == 0 ? 0 : (double) counts[(int) bin] / later / BIN_SECONDS;
        }

        private boolean representative() {
            if (inRange < SAMPLES_MIN || outOfRange > OUT_OF_RANGE_MAX * (inRange + outOfRange)) {
                return false;
            }
            double mean = (double) inRange / bins;
            double variance = 0;
            for (int count : counts) {
                variance += (count - mean) * (count - mean) / bins;
            }
            return Math.sqrt(variance) / mean >= SPREAD_MIN;
        }

        /** The bin in which this share of the idle times is reached. */
        private int percentile(double share) {
            int seen = 0;
            for (int bin = 0; bin < bins; bin++) {
                seen += counts[bin];
                if (seen >= share * inRange) {
                    return bin;
                }
            }
            throw new IllegalStateException("the bins hold all");
        }

        private static Duration seconds(double bins) {
            return Duration.ofMillis(Math.round(bins * BIN_SECONDS * 1e3));
        }
    }
}
