package dev.mayfly.pool.shell;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.sandbox.Sandbox;
import java.util.Optional;
import java.util.function.BiConsumer;

/** No runtime class binds late: every instance is started from nothing, so nothing generic is ever asked for. */
final class NoGenerics implements Generics {
    @Override
    public Optional<GenericKey> keyOf(ReleaseToRun release) {
        return Optional.empty();
    }

    @Override
    public Optional<GenericKey> forked(ReleaseToRun release) {
        return Optional.empty();
    }

    @Override
    public Warming start(String id, GenericKey key, BiConsumer<Boolean, String> output) {
        throw unsupported();
    }

    @Override
    public Start.Started bind(Sandbox sandbox, ReleaseToRun release) {
        throw unsupported();
    }

    private static MayflyException unsupported() {
        return new MayflyException(ErrorCode.UNSUPPORTED, "no runtime class of this server binds late");
    }
}
