package dev.mayfly.bench.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Days of calls made up from what "Serverless in the Wild" says of Azure's: 45 % of apps are called at most once an hour, 81 %
 * at most once a minute; 16 % by timers; memory after a Burr distribution. Made up here: apps above once a minute stop at twice
 * a second, which every policy keeps warm; half of the apps without a timer are called in bursts; nights are half as busy.
 */
public final class Synthetic {
    private static final double RARE = 0.45;
    private static final double SELDOM = 0.81;
    private static final double TIMERS = 0.16;
    private static final double DAY = 86_400;
    private static final int[] TIMER_MINUTES = {1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1_440};

    private final Random random;

    private Synthetic(Random random) {
        this.random = random;
    }

    public static Trace trace(int apps, double hours, Random random) {
        Synthetic maker = new Synthetic(random);
        List<Trace.Function> functions = new ArrayList<>();
        double seconds = hours * 3_600;
        while (functions.size() < apps) {
            List<Double> calls = maker.calls(seconds);
            if (!calls.isEmpty()) {
                functions.add(new Trace.Function(maker.memoryMib(), calls));
            }
        }
        return new Trace("synthetic-" + apps + "x" + Math.round(hours) + "h", seconds, functions);
    }

    private List<Double> calls(double seconds) {
        double kind = random.nextDouble();
        double mean = kind < RARE ? between(3_600, 7 * DAY) : kind < SELDOM ? between(60, 3_600) : between(0.5, 60);
        List<Double> calls = random.nextDouble() < TIMERS ? timer(mean, seconds) : people(mean, seconds);
        calls.sort(null);
        return calls;
    }

    /** The round interval that is nearest, to the second and a bit. */
    private List<Double> timer(double mean, double seconds) {
        double period = Arrays.stream(TIMER_MINUTES)
                        .boxed()
                        .min((a, b) ->
                                Double.compare(Math.abs(Math.log(a * 60 / mean)), Math.abs(Math.log(b * 60 / mean))))
                        .orElseThrow()
                * 60;
        double first = random.nextDouble() * period;
        List<Double> calls = new ArrayList<>();
        for (double at = first; at < seconds; at += period) {
            calls.add(Math.min(seconds, at + random.nextDouble()));
        }
        return calls;
    }

    private List<Double> people(double mean, double seconds) {
        boolean bursts = random.nextBoolean();
        int size = bursts ? 2 + random.nextInt(8) : 1;
        List<Double> calls = new ArrayList<>();
        for (double at = exponential(mean * size); at < seconds; at += exponential(mean * size)) {
            if (random.nextDouble() < busy(at)) {
                double call = at;
                for (int i = 0; i < size && call < seconds; i++) {
                    calls.add(call);
                    call += exponential(10);
                }
            }
        }
        return calls;
    }

    /** Busiest at three in the afternoon. */
    private static double busy(double at) {
        return 0.75 + 0.25 * Math.cos(2 * Math.PI * (at / DAY - 15.0 / 24));
    }

    private double between(double least, double most) {
        return least * Math.pow(most / least, random.nextDouble());
    }

    private double exponential(double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    /** Burr, c 11.652, k 0.221, lambda 107.083. */
    private int memoryMib() {
        double u = random.nextDouble();
        double mib = 107.083 * Math.pow(Math.pow(1 - u, -1 / 0.221) - 1, 1 / 11.652);
        return (int) Math.clamp(Math.round(mib), 16L, 2_048L);
    }
}
