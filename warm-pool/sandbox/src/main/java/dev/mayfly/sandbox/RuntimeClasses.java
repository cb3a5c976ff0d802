package dev.mayfly.sandbox;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

    /** Sandboxes of a predecessor of this server that still run, in all classes ({@link SandboxRuntime#orphans}). */
    Map<String, String> orphans();

    /** Destroys those of these ids, of any class, that nobody has adopted. */
    void destroyOrphans(Set<String> ids) throws InterruptedException;
}
