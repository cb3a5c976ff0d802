package dev.mayfly.sandbox.launcher;

/**
 * The launcher will not do what it was asked for.
 *
 * @param field of the request that is at fault
 * @param expected what it had to be
 */
record LauncherRefusal(int reason, String field, String expected) {
    static final int INVALID = 2;
    static final int CAPACITY = 4;

    /** As an exception, to leave a future by. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial") // Never written anywhere.
        final LauncherRefusal why;

        Refused(LauncherRefusal why) {
            super(why.field() + ": " + why.expected(), null, false, false);
            this.why = why;
        }
    }
}
