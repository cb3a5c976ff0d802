package dev.mayfly.sandbox;

import java.util.List;

/** Told of what is on the machine and should not be. Called by whoever destroys or sweeps: must return soon and not fail. */
public interface SandboxListener {
    /** For who does not want to know. */
    SandboxListener NONE = new SandboxListener() {
        @Override
        public void left(String runtime, String sandbox, List<String> what) {}

        @Override
        public void swept(String what, Sweep sweep) {}

        @Override
        public void sweepFailed(String what) {}
    };

    /** A sandbox was destroyed and something of it is left. Told once for each. */
    void left(String runtime, String sandbox, List<String> what);

    /**
     * A sweep has ended, whatever it found.
     *
     * @param what the runtime class, or {@code networks}
     */
    void swept(String what, Sweep sweep);

    /** A sweep could not be carried out; the next one tries again. */
    void sweepFailed(String what);
}
