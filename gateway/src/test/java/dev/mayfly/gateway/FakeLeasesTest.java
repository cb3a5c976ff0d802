package dev.mayfly.gateway;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Limits;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.contract.LeasesContract;
import dev.mayfly.pool.contract.LeasesSubject;
import java.io.IOException;

/** What the gateway's tests take for the pool does what the pool does. */
final class FakeLeasesTest extends LeasesContract {
    @Override
    protected LeasesSubject newSubject() throws IOException {
        RawInstance instance = RawInstance.onTcp(RawInstance.Talk::head);
        FakeLeases leases = new FakeLeases().at(instance.address());
        return new LeasesSubject() {
            @Override
            public Leases leases() {
                return leases;
            }

            @Override
            public ReleaseToRun release() {
                return Gateway.release(Limits.DEFAULTS);
            }

            @Override
            public ReleaseToRun releaseThatFails() {
                leases.prepare(
                        new LeaseOutcome.StartFailed("ins_bad", StartKind.COLD, ErrorCode.START_FAILED, "exit code 3"));
                return release();
            }

            @Override
            public int held() {
                return leases.granted() - leases.ended();
            }

            @Override
            public void fill() {
                leases.hold();
            }

            @Override
            public void free() {
                leases.release();
            }

            @Override
            public void kill(Lease lease) {
                leases.allDied(DeathReason.EXIT);
            }

            @Override
            public void close() throws IOException {
                instance.close();
            }
        };
    }
}
