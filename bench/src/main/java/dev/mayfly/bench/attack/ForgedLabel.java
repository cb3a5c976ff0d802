package dev.mayfly.bench.attack;

import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A build says by a label of its own how warm interpreters are started, which are processes of the machine: with a search path that
 * leads into a sandbox of the attacker's, where a program of the interpreter's name lies.
 */
final class ForgedLabel implements Attack {
    private static final int LOOKS = 50;
    private static final long LOOK_MILLIS = 100;

    @Override
    public String name() {
        return "forged-label";
    }

    @Override
    public String about() {
        return "a build forges the label by which warm interpreters are started, to run a program outside its sandbox";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        Path canary = Files.createTempDirectory("mayfly-canary");
        try {
            TestServer server = scene.server();
            Map<String, String> planter = new HashMap<>(Scene.web("planter.py"));
            planter.put(
                    "python3",
                    Scene.resource("planted.sh")
                            .replace("CANARY", canary.toString())
                            .replace(
                                    "HOST",
                                    String.valueOf(ProcessHandle.current().pid())));
            server.push(scene.tree("planter", planter));
            List<Long> inside = new Traces(server.sandboxes())
                    .sandboxed().stream()
                            .filter(each -> Traces.read(Path.of("/proc", String.valueOf(each.pid()), "environ"))
                                    .contains("MAYFLY_APP=planter"))
                            .map(ProcessHandle::pid)
                            .toList();
            if (inside.isEmpty()) {
                throw new IOException("the attacker's own sandbox is not found");
            }
            Map<String, String> forger = new HashMap<>(Scene.function("locks.py", "locks"));
            forger.put("trap.sh", Scene.resource("forge.sh").replace("PID", String.valueOf(inside.getFirst())));
            Path tree = scene.tree("forger", forger);
            scene.note(server.tryMayfly(tree, "config", "set", "BASH_ENV=/workspace/trap.sh")
                    .output()
                    .strip());
            TestServer.Ended push = server.tryPush(tree);
            for (int i = 0; push.exit() == 0 && i < LOOKS && isEmpty(canary); i++) {
                server.get("forger", "/");
                Thread.sleep(LOOK_MILLIS);
            }
            scene.none("ran-outside", isEmpty(canary) ? List.of() : List.of(Files.readString(canary.resolve("ran"))));
            server.tryMayfly(tree, "apps", "delete", "planter", "--yes");
            server.tryMayfly(tree, "apps", "delete", "forger", "--yes");
        } finally {
            Files.deleteIfExists(canary.resolve("ran"));
            Files.delete(canary);
        }
    }

    private static boolean isEmpty(Path canary) {
        return Files.notExists(canary.resolve("ran"));
    }
}
