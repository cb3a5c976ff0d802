package dev.mayfly.model;

import java.time.Duration;

/** How a command that ran in a sandbox ended. */
public sealed interface RunOutcome {
    /** Whether it ended by itself and says that all went well. */
    default boolean succeeded() {
        return this instanceof Exited exited && exited.code() == 0;
    }

    /** For people, as the end of a sentence: {@code ended with exit code 3}. */
    String describe();

    /**
     * It ended by itself.
     *
     * @param code its own, 0 to 255, whatever others may use it for; 128 and the signal's number if a signal ended it
     */
    record Exited(int code) implements RunOutcome {
        @Override
        public String describe() {
            return "ended with exit code " + code;
        }
    }

    /**
     * It ran longer than it may, and was ended.
     *
     * @param after what it may
     */
    record TimedOut(Duration after) implements RunOutcome {
        @Override
        public String describe() {
            return "took longer than " + words(after);
        }

        private static String words(Duration time) {
            if (time.toSeconds() < 120 || time.toSecondsPart() != 0) {
                return time.toSeconds() > 0 ? time.toSeconds() + " seconds" : time.toMillis() + " ms";
            }
            return time.toMinutes() + " minutes";
        }
    }

    /** The machine ended it. */
    record Killed(Cause cause) implements RunOutcome {
        @Override
        public String describe() {
            return switch (cause) {
                case OUT_OF_MEMORY -> "was killed, as it used more memory than it may";
                case RUNTIME_LOST -> "was killed, as the process that ran its sandbox died";
            };
        }
    }

    /** Why a machine ends a command. */
    enum Cause {
        /** The kernel killed something of it that went beyond its memory, and it did not end well after that. */
        OUT_OF_MEMORY,
        /** What ran its sandbox died, which is the platform's fault and not the command's. */
        RUNTIME_LOST
    }
}
