package dev.mayfly.bench.attack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Takes all inotify instances, queued signals and timers that the kernel counts for a user of the machine. */
final class KernelCounters implements Attack {
    @Override
    public String name() {
        return "kernel-counters";
    }

    @Override
    public String about() {
        return "takes all inotify instances, signals and timers that the kernel counts by user, to starve all others";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        Path tree = scene.tree("counters", Scene.web("counters.py"));
        scene.server().push(tree);
        scene.note("it held " + scene.server().get("counters", "/flood").body().strip());
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < scene.of(5, 50); i++) {
            String answer = scene.server().get(Honest.APP, "/kernel").body();
            if (!answer.equals("ok")) {
                refused.add(answer);
            }
        }
        scene.none("neighbour/refused", refused);
        scene.none(
                "host/refused", HostProbe.canWatchFiles() ? List.of() : List.of("root can make no inotify instance"));
        scene.server().tryMayfly(tree, "apps", "delete", "counters", "--yes");
    }
}
