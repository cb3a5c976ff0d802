package dev.mayfly.bench.report;

/** How long a benchmark takes: to see that it works, to compare, to publish. */
public enum Length {
    SHORT(3),
    NORMAL(10),
    LONG(30);

    private final int rounds;

    Length(int rounds) {
        this.rounds = rounds;
    }

    /** How often each side is measured; sides alternate. */
    public int rounds() {
        return rounds;
    }

    /** One of three values for this length. */
    public int of(int brief, int normal, int extended) {
        return switch (this) {
            case SHORT -> brief;
            case NORMAL -> normal;
            case LONG -> extended;
        };
    }
}
