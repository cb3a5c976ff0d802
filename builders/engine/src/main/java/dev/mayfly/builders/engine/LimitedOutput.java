package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.engine.layers.BuildLimits;

/** A build's output up to what a person can mean: whoever prints without end is cut off, and it is said once. */
final class LimitedOutput implements BuildOutput {
    private final BuildOutput to;
    private long left = BuildLimits.OUTPUT_CHARACTERS_MAX;

    LimitedOutput(BuildOutput to) {
        this.to = to;
    }

    @Override
    public synchronized void line(String line) {
        if (left < 0) {
            return;
        }
        left -= line.length() + 1L;
        to.line(
                left >= 0
                        ? line
                        : " !     The rest is not shown: more than " + BuildLimits.OUTPUT_CHARACTERS_MAX
                                + " characters of output");
    }

    @Override
    public void phase(String name) {
        to.phase(name);
    }
}
