package dev.mayfly.bench.attack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Locks and watches files that are alike in all sandboxes: if they are the same in the kernel, others wait, and are watched. */
final class SharedFiles implements Attack {
    @Override
    public String name() {
        return "shared-files";
    }

    @Override
    public String about() {
        return "locks and watches files that all functions have, to stop others and to see what they open";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        Path spy = scene.tree("spy", Scene.function("spy.py", "spy"));
        Path locks = scene.tree("locks", Scene.function("locks.py", "locks"));
        scene.server().push(spy);
        scene.server().push(locks);
        scene.server().get("spy", "/");
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < scene.of(3, 20); i++) {
            String answer = scene.server().get("locks", "/").body();
            if (!answer.equals("0")) {
                kept.add(answer + " locks are kept from another function");
            }
        }
        String seen = scene.server().get("spy", "/").body();
        scene.none("locks-kept", kept);
        scene.none("opens-seen", seen.equals("0") ? List.of() : List.of("it saw others open files: " + seen));
        scene.server().tryMayfly(spy, "apps", "delete", "spy", "--yes");
        scene.server().tryMayfly(locks, "apps", "delete", "locks", "--yes");
    }
}
