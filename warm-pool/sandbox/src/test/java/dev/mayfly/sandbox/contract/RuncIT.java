package dev.mayfly.sandbox.contract;

/** The suite on the machine's own runc. */
final class RuncIT extends OciContract {
    RuncIT() {
        super("runc");
    }

    @Override
    String program() {
        return "runc";
    }
}
