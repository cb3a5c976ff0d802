package dev.mayfly.sandbox;

import java.util.List;
import java.util.Optional;

/** The runtime classes that this server offers. Safe from many threads. */
public interface RuntimeClasses {
    /**
     * The class of this name, opened at its first use; without a name the operator's default.
     *
     * @throws dev.mayfly.model.MayflyException {@code UNSUPPORTED} if this server does not offer it, naming those it does
     */
    SandboxRuntime of(Optional<String> name) throws InterruptedException;

    /** Names that an app may choose, the default first. */
    List<String> offered();
}
