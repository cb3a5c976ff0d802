package dev.mayfly.bench.attack;

import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Builds that write without end: into their own folders, and as many empty files as there can be. */
final class EndlessBuild implements Attack {
    private static final double MIB = 1024 * 1024;
    private static final long KEPT_BYTES_MAX = 64L << 20;
    private static final int LOOKS = 100;
    private static final List<String> SCRIPTS = List.of(
            "cat /dev/zero > zeros",
            "cat /dev/zero > $CNB_LAYERS_DIR/zeros",
            "i=0; while mkdir d$i; do for j in $(seq 1000); do : > d$i/$j; done; i=$((i + 1)); done");
    private static final long LOOK_MILLIS = 100;

    @Override
    public String name() {
        return "endless-build";
    }

    @Override
    public String about() {
        return "builds write until the disk is full, to stop the database, the API and everybody's pushes";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        List<String> served = new ArrayList<>();
        long before = free(scene);
        for (String script : SCRIPTS.subList(0, scene.of(1, SCRIPTS.size()))) {
            Path tree = scene.tree(
                    "endless" + Integer.toHexString(script.hashCode()),
                    Map.of(
                            "package.json",
                            "{\"name\":\"endless\",\"scripts\":{\"build\":\"" + script + "\",\"start\":\"true\"}}\n"));
            TestServer.Ended push = scene.server().tryPush(tree);
            scene.note(push.output()
                    .lines()
                    .filter(line -> line.contains("rejected"))
                    .findFirst()
                    .orElse(""));
            if (push.exit() == 0) {
                served.add(push.output());
            }
        }
        scene.none("pushes-not-refused", served);
        long kept = before - free(scene);
        for (int i = 0; i < LOOKS && kept > KEPT_BYTES_MAX; i++) {
            Thread.sleep(LOOK_MILLIS);
            kept = before - free(scene);
        }
        scene.add(Row.alone(scene.name("kept"), kept / MIB, "MiB").bar("at most 64 MiB", kept <= KEPT_BYTES_MAX));
    }

    private static long free(Scene scene) throws IOException {
        return scene.disk().getUsableSpace();
    }
}
