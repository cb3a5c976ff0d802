package dev.mayfly.sandbox.docker;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Our images in the daemon's store: each is imported whole, once, from the mounted root. The daemon lives in another mount
 * namespace, so it cannot be given the root itself. A few are kept for the next start; all go with this server.
 */
final class Images {
    private static final int KEPT_MAX = 16;
    private static final Duration IMPORT_MAX = Duration.ofMinutes(10);

    private final DockerApi api;
    private final String tag;
    private final Map<List<Path>, String> imported = new LinkedHashMap<>(16, 0.75f, true);
    private int next;

    Images(DockerApi api, String tag) {
        this.api = api;
        this.tag = tag;
    }

    /** The daemon's image of these layers, mounted at {@code root}. One import at a time. */
    synchronized String of(List<Path> layers, Path root) {
        String image = imported.get(layers);
        if (image == null) {
            image = load("root-" + next++, out -> tar(root, out));
            imported.put(layers, image);
            if (imported.size() > KEPT_MAX) {
                var eldest = imported.entrySet().iterator();
                // Refused while a container uses it; it then goes when this server stops.
                api.call("DELETE", "/images/" + eldest.next().getValue(), null);
                eldest.remove();
            }
        }
        return image;
    }

    /** The image that holds networks. */
    synchronized String holder() {
        return imported.computeIfAbsent(
                List.of(), _ -> load("pause", out -> out.write(PauseProgram.image(System.getProperty("os.arch")))));
    }

    private String load(String name, DockerApi.Body body) {
        String change = "LABEL " + Containers.SERVER + "=" + tag;
        DockerApi.Answer answer = api.send(
                "/images/create?fromSrc=-&repo=mayfly-" + tag + "&tag=" + name + "&changes="
                        + URLEncoder.encode(change, StandardCharsets.UTF_8),
                "application/x-tar",
                IMPORT_MAX,
                body);
        // The status is sent before the import is done: how it ended is in the last line.
        String last = answer.text().strip();
        JsonObject told = new JsonObject(last.substring(last.lastIndexOf('\n') + 1));
        String id = told.getString("status", "");
        if (!answer.ok() || !id.startsWith("sha256:")) {
            throw new MayflyException(
                    ErrorCode.INTERNAL, "docker: cannot import an image: " + told.getString("error", answer.message()));
        }
        return id;
    }

    private static void tar(Path root, OutputStream out) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder("tar", "-C", root.toString(), "--numeric-owner", "-cf", "-", ".")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream in = tar.getInputStream()) {
            in.transferTo(out);
            if (!tar.waitFor(10, TimeUnit.SECONDS) || tar.exitValue() != 0) {
                throw new IOException("tar of " + root + " failed");
            }
        } finally {
            tar.destroyForcibly();
        }
    }

    /** Removes all images of this server, a predecessor's included. */
    synchronized void removeAll() {
        imported.clear();
        DockerApi.Answer list = api.call("GET", "/images/json?all=1&" + Containers.filter(tag), null);
        if (list.ok()) {
            new io.vertx.core.json.JsonArray(list.text())
                    .forEach(each ->
                            api.call("DELETE", "/images/" + ((JsonObject) each).getString("Id") + "?force=1", null));
        }
    }
}
