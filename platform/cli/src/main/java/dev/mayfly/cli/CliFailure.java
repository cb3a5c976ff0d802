package dev.mayfly.cli;

/** A command cannot do what was asked. Its message is for the person, its exit code for scripts. */
final class CliFailure extends RuntimeException {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int AUTHENTICATION = 3;
    static final int NOT_FOUND = 4;
    static final int CONFLICT = 5;
    static final int QUOTA = 6;
    static final int BUILD_FAILED = 20;
    static final int RELEASE_COMMAND_FAILED = 21;
    static final int UNHEALTHY = 22;
    static final int CANCELLED = 23;
    static final int TIMEOUT = 124;

    private static final long serialVersionUID = 1;

    private final int exitCode;

    CliFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
