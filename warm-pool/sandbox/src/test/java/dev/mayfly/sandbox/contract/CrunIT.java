package dev.mayfly.sandbox.contract;

/** The suite on the machine's own crun. */
final class CrunIT extends OciContract {
    CrunIT() {
        super("crun");
    }

    @Override
    String program() {
        return "crun";
    }
}
