package dev.mayfly.cli;

/** A command cannot do what was asked. Its message is for the person, its exit code for scripts. */
final class CliFailure extends RuntimeException {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int AUTHENTICATION = 3;
    static final int NOT_FOUND = 4;
    static final int CONFLICT = 5;

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
