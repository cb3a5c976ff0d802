package dev.mayfly.builders.api;

import dev.mayfly.model.RunOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs one command of a build, isolated. Implemented over the warm pool's sandboxes by the server. */
public interface BuildSandbox {
    /**
     * A directory of the host that appears inside.
     *
     * @param inside absolute path
     */
    record Mount(Path host, String inside, boolean readOnly) {}

    /**
     * @param id the build's id, for labels and names
     * @param rootLayers the build image as directories, top first; the root is read-only inside
     * @param env the whole environment
     * @param network whether it may reach package registries; detection may not
     * @param memoryMib MiB that all its processes may hold together
     * @param timeout after which it is ended
     */
    record Command(
            String id,
            String tenant,
            List<Path> rootLayers,
            List<Mount> mounts,
            List<String> argv,
            Map<String, String> env,
            String workingDir,
            boolean network,
            int memoryMib,
            Duration timeout) {}

    /** User id that commands run as; directories they write to belong to it. */
    int uid();

    /**
     * Runs to the end, or for as long as the command may. Nothing of it runs any more when this returns. Interrupting ends it.
     *
     * @param output each line it prints, standard output and error in one stream
     */
    RunOutcome run(Command command, Consumer<String> output) throws InterruptedException;
}
