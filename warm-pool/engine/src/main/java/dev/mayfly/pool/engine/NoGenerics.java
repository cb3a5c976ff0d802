package dev.mayfly.pool.engine;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.OwnZygote;
import dev.mayfly.pool.core.Wanted;
import dev.mayfly.sandbox.Sandbox;
import java.util.function.BiConsumer;

/** No runtime class binds late: every instance is started from nothing, so nothing generic is ever asked for. */
final class NoGenerics implements Generics {
    @Override
    public Wanted wanted(ReleaseToRun release) {
        return Wanted.of(release);
    }

    @Override
    public boolean forks(GenericKey key) {
        return false;
    }

    @Override
    public void retire(OwnZygote zygote) {}

    @Override
    public Warming start(String id, GenericKey key, BiConsumer<Boolean, String> output) {
        throw unsupported();
    }

    @Override
    public SandboxStarter.Started bind(Sandbox sandbox, ReleaseToRun release) {
        throw unsupported();
    }

    private static MayflyException unsupported() {
        return new MayflyException(ErrorCode.UNSUPPORTED, "no runtime class of this server binds late");
    }
}
