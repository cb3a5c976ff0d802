package dev.mayfly.sandbox;

/**
 * How many there are of what a runtime class keeps on the machine.
 *
 * @param used sandboxes that live
 * @param ready places made ahead for the next ones
 * @param quarantined places or sandboxes of which something is left that does not go; not used again before it does
 * @param roots root file systems that are mounted
 */
public record SandboxHealth(int used, int ready, int quarantined, int roots) {
    public static final SandboxHealth NOTHING = new SandboxHealth(0, 0, 0, 0);

    public SandboxHealth plus(SandboxHealth other) {
        return new SandboxHealth(
                used + other.used, ready + other.ready, quarantined + other.quarantined, roots + other.roots);
    }
}
