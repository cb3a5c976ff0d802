package dev.mayfly.sandbox;

import java.util.List;

/**
 * What one sweep of a runtime class came upon.
 *
 * @param found what belonged to no sandbox that lives, and was not known to be left; destroyed but for what is in {@code left}
 * @param left what did not go, known before or not: in quarantine until a later sweep gets rid of it. Each names what and where
 */
public record Sweep(int found, List<String> left) {
    public static final Sweep NOTHING = new Sweep(0, List.of());

    public Sweep {
        left = List.copyOf(left);
    }
}
