package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.contract.EgressContract;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Path;

/** What sandboxes of class {@code runc} reach. */
final class RuncEgressIT extends EgressContract {
    @Override
    protected SandboxRuntime runtime(Path run, String own, Networks shared) throws InterruptedException {
        return OciRuntime.open(OciClass.RUNC, "runc", run, own, shared);
    }
}
