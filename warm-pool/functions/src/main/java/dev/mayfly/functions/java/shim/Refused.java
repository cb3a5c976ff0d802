package dev.mayfly.functions.java.shim;

/** What came over a connection cannot be taken; the connection ends with this answer. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    Refused(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    HttpAnswer answer() {
        return HttpAnswer.text(status, getMessage() + "\n");
    }
}
