package dev.mayfly.sandbox;

import java.util.Optional;

/**
 * What is known of one runtime class on this machine.
 *
 * @param name as in {@link RuntimeProvider#name}
 * @param strength how much it isolates
 * @param version of its program, as that says it; empty: it has none, or does not say
 * @param missing why it does not work; empty if it does
 * @param tooOld why it is not offered to apps although it works, unless the configuration names it
 * @param warning what else speaks against it although it works
 * @param cost what it costs, measured on two cores without hardware virtualisation
 */
public record RuntimeFinding(
        String name,
        Strength strength,
        Optional<String> version,
        Optional<String> missing,
        Optional<String> tooOld,
        Optional<String> warning,
        String cost) {
    public boolean works() {
        return missing.isEmpty();
    }

    /** Whether apps may have it without the operator's word. */
    public boolean isFit() {
        return works() && tooOld.isEmpty();
    }
}
