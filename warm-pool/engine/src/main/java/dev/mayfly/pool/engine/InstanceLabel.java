package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.ReleaseToRun;

/** What a sandbox says of its instance to a successor of this server. */
final class InstanceLabel {
    private InstanceLabel() {}

    /** With the image: an app that was destroyed and made again has other releases of the same versions. */
    static String of(ReleaseToRun release) {
        return "instance 1 " + release.release() + " " + release.image();
    }
}
