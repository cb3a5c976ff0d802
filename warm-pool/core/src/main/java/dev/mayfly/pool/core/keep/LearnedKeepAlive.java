package dev.mayfly.pool.core.keep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps an app loaded at those times after its last request at which a request is likely enough to be worth it.
 *
 * <p>With f the density of idle times and S the share of them that are longer, f / S is how likely a request comes in the next
 * moment. To be loaded for that moment costs its length; not to be, costs a start with that likelihood. So an app is loaded
 * exactly where {@code f × worth ≥ S}, {@code worth} being the idle time for which one start is a fair price: the longer a
 * start, the more. That gives any number of windows: a burst's tail, nothing, then the next firing of its timer.
 *
 * <p>f is estimated from the app's last idle times, each spread as widely as its nearest others are apart: what repeats to the
 * second becomes narrow after a few, what scatters stays wide. To it is added, as half an observation, what all apps of this
 * server do, which in turn starts from round minutes and a bit of everything. So an app of which little is known is treated
 * like the others, and its third repetition counts for more than all of them.
 */
public final class LearnedKeepAlive implements KeepAlive {
    private static final int REMEMBERED = 32;
    private static final int NEIGHBOURS = 4;
    private static final double WIDTH_MIN = 0.01;
    private static final double WIDTH_MAX = 0.6;
    private static final double WIDTH_OF_ALL = 0.06;

    /** Observations of an app's own that weigh as much as those of all apps together. */
    private static final double OTHERS = 0.5;

    /** Observations of all apps that weigh as much as what is assumed of them. */
    private static final double ASSUMED = 20;

    private static final double ASSUMED_ROUND = 0.3;
    private static final List<Integer> ROUND_MINUTES = List.of(1, 2, 3, 4, 5, 10, 15, 30, 60);

    /** For a pause as long as so many starts it is not worth while to unload and load again: they cost processor time, too. */
    private static final double STARTS_IN_A_GAP = 60;

    /** As short as what the grid tells apart, and not so long that it decides in place of the habit. */
    private static final double GAP_MIN = 1;

    private static final double GAP_MAX = 20;

    private final double rate;
    private final double[] assumed = new double[Grid.BINS];
    private final double[] all = new double[Grid.BINS];
    private double observed;

    /** @param worth how long an instance may idle to save requests one second of waiting */
    public LearnedKeepAlive(Duration worth) {
        this.rate = worth.toMillis() / 1e3;
        Arrays.fill(assumed, (1 - ASSUMED_ROUND) / Grid.BINS);
        for (int minutes : ROUND_MINUTES) {
            Grid.spread(assumed, Grid.log(minutes * 60), WIDTH_OF_ALL, ASSUMED_ROUND / ROUND_MINUTES.size());
        }
    }

    @Override
    public Habit unknown() {
        return new Learned();
    }

    private final class Learned implements Habit {
        private final double[] last = new double[REMEMBERED];
        private int count;
        private int next;

        @Override
        public void idleEnded(Duration idle) {
            double log = Grid.log(idle.toMillis() / 1e3);
            last[next] = log;
            next = (next + 1) % REMEMBERED;
            count = Math.min(count + 1, REMEMBERED);
            // An app that is called a thousand times an hour says as much of the others as its first few idle times
            // did.
            double weight = 1.0 / (1 + count);
            Grid.spread(all, log, WIDTH_OF_ALL, weight);
            observed += weight;
        }

        @Override
        public Plan plan(Duration saves) {
            double start = saves.toNanos() / 1e9;
            double worth = rate * start;
            double gap = Math.clamp(STARTS_IN_A_GAP * start, GAP_MIN, GAP_MAX);
            double[] density = density();
            List<Plan.Window> windows = new ArrayList<>();
            double from = -1;
            double until = 0;
            double later = 1;
            for (int bin = 0; bin < Grid.BINS - 1; bin++) {
                double length = Grid.from(bin + 1) - Grid.from(bin);
                if (density[bin] * worth >= Math.max(1e-12, later - density[bin] / 2) * length) {
                    boolean joins = Grid.from(bin) - until <= gap;
                    if (!joins && from >= 0) {
                        windows.add(window(from, until));
                    }
                    from = joins ? Math.max(0, from) : Grid.from(bin); // Near its beginning, from the beginning.
                    until = Grid.from(bin + 1);
                }
                later -= density[bin];
            }
            if (from >= 0) {
                windows.add(window(from, until));
            }
            return new Plan(windows);
        }

        /** The best rate, over all times to wait until, of being called by then for the time waited (Gittins' index). */
        @Override
        public double urgency(Duration idle) {
            double[] density = density();
            double seconds = idle.toMillis() / 1e3;
            int now = Grid.bin(Grid.log(seconds));
            double later = 0;
            for (int bin = now; bin < Grid.BINS; bin++) {
                later += density[bin];
            }
            double called = 0;
            double waited = 0;
            double best = 0;
            for (int bin = now; bin < Grid.BINS - 1; bin++) {
                double length = Grid.from(bin + 1) - Math.max(seconds, Grid.from(bin));
                called += density[bin];
                waited += (later - called + density[bin] / 2) * length;
                best = Math.max(best, called / waited);
            }
            return best;
        }

        private double[] density() {
            double[] density = new double[Grid.BINS];
            for (int bin = 0; bin < Grid.BINS; bin++) {
                double others = (all[bin] + ASSUMED * assumed[bin]) / (observed + ASSUMED);
                density[bin] = others * OTHERS / (count + OTHERS);
            }
            double[] sorted = Arrays.copyOf(last, count);
            Arrays.sort(sorted);
            for (int i = 0; i < count; i++) {
                Grid.spread(density, sorted[i], width(sorted, i), 1 / (count + OTHERS));
            }
            return density;
        }

        /** As far as the fourth nearest lies; the fewer there are, the less is known. */
        private static double width(double[] sorted, int i) {
            int from = Math.max(0, i - NEIGHBOURS);
            int until = Math.min(sorted.length - 1, i + NEIGHBOURS);
            double[] apart = new double[until - from];
            for (int j = from, k = 0; j <= until; j++) {
                if (j != i) {
                    apart[k++] = Math.abs(sorted[j] - sorted[i]);
                }
            }
            Arrays.sort(apart);
            double width = apart.length >= NEIGHBOURS
                    ? apart[NEIGHBOURS - 1]
                    : apart.length == 0
                            ? WIDTH_MAX
                            : Math.max(apart[apart.length - 1], WIDTH_MAX / (1 + sorted.length));
            return Math.clamp(width, WIDTH_MIN, WIDTH_MAX);
        }

        private static Plan.Window window(double from, double until) {
            return new Plan.Window(
                    Duration.ofMillis(Math.round(from * 1e3)), Duration.ofMillis(Math.round(until * 1e3)));
        }
    }
}
