package dev.mayfly.sandbox.oci;

/** The suite on the machine's own crun. */
final class CrunIT extends OciContract {
    CrunIT() {
        super(OciClass.CRUN);
    }

    @Override
    String program() {
        return "crun";
    }
}
