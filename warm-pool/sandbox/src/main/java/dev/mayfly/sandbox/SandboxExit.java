package dev.mayfly.sandbox;

/**
 * How a sandbox ended.
 *
 * @param code exit code; 128 + signal if a signal ended it
 * @param outOfMemory whether the kernel killed something in it for memory
 */
public record SandboxExit(int code, boolean outOfMemory) {
    private static final int SIGNAL_BASE = 128;

    /** One word for life-lines and metrics. */
    public String reason() {
        if (outOfMemory) {
            return "oom";
        }
        return code == 0 ? "exit" : "crash";
    }

    /** For people. */
    public String describe() {
        if (outOfMemory) {
            return "out of memory";
        }
        return code > SIGNAL_BASE && code <= SIGNAL_BASE + 64
                ? "killed by signal " + (code - SIGNAL_BASE)
                : "exit code " + code;
    }
}
