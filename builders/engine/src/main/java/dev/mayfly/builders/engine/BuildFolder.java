package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildSandbox.Mount;
import dev.mayfly.builders.image.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The directories of one build. */
record BuildFolder(Path root) {
    static final String PLATFORM = "/platform";
    static final String NETWORK = PLATFORM + "/network";
    static final String HOME = "/layers/.home";
    static final String TEMP = "/layers/.tmp";

    static BuildFolder create(Path root) throws IOException {
        Trees.delete(root);
        BuildFolder folder = new BuildFolder(root);
        for (Path each : List.of(folder.workspace(), folder.layers(), folder.platform(), folder.detect())) {
            Files.createDirectories(each);
        }
        Files.createDirectories(folder.layers().resolve(".home"));
        Files.createDirectories(folder.layers().resolve(".tmp"));
        Files.createDirectories(folder.platform().resolve("env"));
        return folder;
    }

    Path workspace() {
        return root.resolve("workspace");
    }

    Path layers() {
        return root.resolve("layers");
    }

    Path platform() {
        return root.resolve("platform");
    }

    Path detect() {
        return root.resolve("detect");
    }

    /** What every phase sees. Where detection writes its plans is where building has its layers. */
    List<Mount> mounts(Path buildpacks, boolean detecting) {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(new Mount(workspace(), "/workspace", detecting));
        mounts.add(new Mount(detecting ? detect() : layers(), "/layers", false));
        mounts.add(new Mount(platform(), PLATFORM, true));
        mounts.add(new Mount(buildpacks, "/cnb/buildpacks", true));
        return mounts;
    }

    /** Text of a buildpack that ran without a root of its own and so met these directories at their places on the host. */
    String inside(String text) {
        return text.replace(layers().toAbsolutePath().toString(), "/layers")
                .replace(workspace().toAbsolutePath().toString(), "/workspace");
    }

    void delete() throws IOException {
        Trees.delete(root);
    }
}
