package dev.mayfly.builders.api;

/** Turns source into images. Blocks; each build has a virtual thread of its own. */
public interface BuildEngine {
    /**
     * Builds to the end. Interrupting the thread cancels the build and ends its sandbox before this returns.
     *
     * @throws InterruptedException if it was cancelled; nothing of it is left but what earlier builds had cached
     * @throws dev.mayfly.model.MayflyException if the platform failed, not the app
     */
    BuildResult build(BuildRequest request, BuildOutput output) throws InterruptedException;

    /** Forgets everything kept for the app: caches and images that no release names. */
    void forget(dev.mayfly.model.AppRef app);
}
