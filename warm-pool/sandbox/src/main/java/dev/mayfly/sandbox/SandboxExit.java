package dev.mayfly.sandbox;

import dev.mayfly.model.DeathReason;

/**
 * How a sandbox ended.
 *
 * @param code exit code; 128 + signal if a signal ended it
 */
public record SandboxExit(int code, Cause cause) {
    private static final int SIGNAL_BASE = 128;

    /** What ended it, as far as the machine can tell. */
    public enum Cause {
        /** Its first process ended by itself, or somebody ended it. */
        ENDED,
        /** The kernel killed something in it that went beyond its memory. */
        OOM_KILLED,
        /** It ended after it had wanted more processes and threads than it may have. */
        PIDS_LIMIT,
        /** What ran it died, and it with it. */
        RUNTIME_LOST
    }

    /** What an instance in it died of. */
    public DeathReason reason() {
        return switch (cause) {
            case ENDED -> code == 0 ? DeathReason.EXIT : DeathReason.CRASH;
            case OOM_KILLED -> DeathReason.OOM_KILLED;
            case PIDS_LIMIT -> DeathReason.PIDS_LIMIT;
            case RUNTIME_LOST -> DeathReason.RUNTIME_LOST;
        };
    }

    /** For people. */
    public String describe() {
        return switch (cause) {
            case OOM_KILLED -> "out of memory";
            case PIDS_LIMIT -> "reached its limit of processes, " + describeCode();
            case RUNTIME_LOST -> "the process that ran it died";
            case ENDED -> describeCode();
        };
    }

    private String describeCode() {
        return code > SIGNAL_BASE && code <= SIGNAL_BASE + 64
                ? "killed by signal " + (code - SIGNAL_BASE)
                : "exit code " + code;
    }
}
