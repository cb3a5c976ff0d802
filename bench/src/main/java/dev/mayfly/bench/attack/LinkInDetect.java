package dev.mayfly.bench.attack;

import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Code of the tree runs while buildpacks are asked, and puts links in the place of folders that the server reads afterwards. */
final class LinkInDetect implements Attack {
    private static final String SECRET = "a-secret-of-the-machine";

    @Override
    public String name() {
        return "link-in-detect";
    }

    @Override
    public String about() {
        return "links in the place of a build's folders, to make the server print a file of the machine";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        Path secret = Files.createTempDirectory("mayfly-canary");
        try {
            for (String name : List.of("output", "plan.toml", "launch.toml")) {
                Files.writeString(secret.resolve(name), SECRET + "\n");
            }
            String module = Scene.resource("replace.py").replace("TARGET", secret.toString());
            Path tree = scene.tree("linker", Map.of("pyproject.toml", "", "tomllib.py", module, "json.py", module));
            TestServer.Ended push = scene.server().tryPush(tree);
            scene.none("secrets-printed", push.output().contains(SECRET) ? List.of(push.output()) : List.of());
        } finally {
            for (String name : List.of("output", "plan.toml", "launch.toml")) {
                Files.deleteIfExists(secret.resolve(name));
            }
            Files.delete(secret);
        }
    }
}
