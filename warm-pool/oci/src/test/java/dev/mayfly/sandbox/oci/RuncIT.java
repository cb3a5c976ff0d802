package dev.mayfly.sandbox.oci;

/** The suite on the machine's own runc. */
final class RuncIT extends OciContract {
    RuncIT() {
        super(OciClass.RUNC);
    }

    @Override
    String program() {
        return "runc";
    }
}
