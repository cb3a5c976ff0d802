package dev.mayfly.sandbox.contract;

/** The suite on gVisor's runsc of Debian 13: that of Debian 12 is from 2022. */
final class RunscIT extends OciContract {
    RunscIT() {
        super("runsc");
    }

    @Override
    String program() throws Exception {
        return Packages.of("trixie").folder("runsc").resolve("usr/bin/runsc").toString();
    }
}
