package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.builders.engine.base.Base;
import dev.mayfly.builders.engine.detect.Order;
import dev.mayfly.builders.engine.network.OperatorNetwork;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.builders.toolchains.Toolchains;
import dev.mayfly.runtime.disk.DiskSpace;
import java.nio.file.Path;
import java.util.List;

/**
 * What the engine stands on.
 *
 * @param space on the disk that holds builds, caches and images
 * @param builds one directory for each build goes below it
 * @param caches what builds keep for the next one of the same app
 * @param runtimeClasses those that an app may choose on this server
 * @param networkFiles written by {@link dev.mayfly.builders.engine.network.NetworkFiles}
 */
public record EngineParts(
        BuildSandbox sandbox,
        Toolchains toolchains,
        ImageStore images,
        Base base,
        Order order,
        OperatorNetwork network,
        Path networkFiles,
        DiskSpace space,
        Path builds,
        Path caches,
        List<String> runtimeClasses) {
    public EngineParts {
        runtimeClasses = List.copyOf(runtimeClasses);
    }
}
