package dev.mayfly.sandbox.docker;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.Roots;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxRegistry;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SpecCheck;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.Network;
import dev.mayfly.sandbox.network.NetworkRequest;
import dev.mayfly.sandbox.network.Networks;
import dev.mayfly.sandbox.oci.OciConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandboxes by a Docker Engine on this machine, for who has one and wants no other. Two containers for each: one that only
 * holds the network namespace, into which our own link is moved before the program starts, and the program's, which joins
 * it. A start takes a few hundred milliseconds, the first of an image as long as copying it does.
 */
public final class DockerRuntime implements SandboxRuntime {
    static final String NAME = "docker";
    private static final Logger log = LoggerFactory.getLogger(DockerRuntime.class);

    /** Of a program that ends at once the engine now and then says this, after one request to start it; all of it is gone then. */
    private static final String ENGINE_RACED = "cannot start an already running container";

    private final DockerApi api;
    private final Images images;
    private final Path folder;
    private final String tag;
    private final String parent;
    private final Roots roots;
    private final Networks networks;
    private final SandboxRegistry registry = new SandboxRegistry();

    private DockerRuntime(DockerApi api, Path folder, String tag, String parent, Networks networks) {
        this.api = api;
        this.images = new Images(api, tag);
        this.folder = folder;
        this.tag = tag;
        this.parent = parent;
        this.networks = networks;
        try {
            Files.createDirectories(folder.resolve("files"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.roots = new Roots(folder.resolve("roots"));
    }

    /**
     * Opens the class. Its networks stay the caller's.
     *
     * @param socket of the daemon
     * @param run below which everything of this server's sandboxes lies
     * @param tag four characters that tell this server from others on the machine
     * @throws MayflyException {@code UNSUPPORTED} if no daemon answers there
     */
    public static DockerRuntime open(Path socket, Path run, String tag, Networks networks) {
        DockerApi api = new DockerApi(socket);
        JsonObject info =
                api.demand(ErrorCode.UNSUPPORTED, "GET", "/info", null).json();
        // A systemd driver wants a slice, which is not ours to make.
        boolean cgroupfs = info.getString("CgroupDriver", "").equals("cgroupfs");
        return new DockerRuntime(
                api, run.resolve("docker"), tag, cgroupfs ? "/mayfly-" + tag + "-docker" : "", networks);
    }

    /** The engine's version, if one answers at this socket. */
    public static Optional<String> version(Path socket) {
        try {
            DockerApi.Answer answer = new DockerApi(socket).call("GET", "/version", null);
            return answer.ok() ? Optional.ofNullable(answer.json().getString("Version")) : Optional.empty();
        } catch (RuntimeException e) {
            return Optional.empty(); // Something else listens there, or nothing.
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    /** The daemon has a mount namespace of its own. */
    @Override
    public boolean seesMounts() {
        return false;
    }

    @Override
    public Sandbox start(SandboxSpec spec) throws InterruptedException {
        try {
            return startOnce(spec);
        } catch (MayflyException e) {
            if (!e.detail().contains(ENGINE_RACED)) {
                throw e;
            }
            log.atWarn().addKeyValue("sandbox", spec.id()).setCause(e).log("Starting it once more");
            return startOnce(spec);
        }
    }

    private Sandbox startOnce(SandboxSpec spec) throws InterruptedException {
        registry.begins(spec.id());
        DockerSandbox sandbox = null;
        try {
            Optional<IoDisk> disk = IoDisk.wanted(spec.limits(), folder);
            String image = checkedImage(spec);
            Network network = networks.claim(new NetworkRequest(spec.id(), spec.tenant(), spec.egress()));
            sandbox = new DockerSandbox(this, api, spec, network);
            String holder = create(Containers.holder(tag, images.holder(), spec, parent));
            sandbox.holds(holder);
            api.demand(ErrorCode.INTERNAL, "POST", "/containers/" + holder + "/start", null);
            LinkMove.move(network.namespace(), pidOf(holder));
            Map<String, Path> files =
                    OciConfig.writeFiles(folder.resolve("files").resolve(spec.id()), spec, network);
            String program = create(Containers.sandbox(tag, image, spec, parent, holder, files, disk));
            sandbox.start(program);
            return sandbox;
        } catch (IOException e) {
            undo(spec, sandbox);
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot make sandbox " + spec.id() + ": " + e.getMessage(), e);
        } catch (RuntimeException | InterruptedException | Error e) {
            undo(spec, sandbox);
            throw e;
        }
    }

    /** The daemon makes roots of its own; ours is for looking at what the image holds, and for handing it over. */
    private String checkedImage(SandboxSpec spec) throws InterruptedException {
        Path root = roots.acquire(spec.layers());
        try {
            SpecCheck.all(spec, root);
            return images.of(spec.layers(), root);
        } finally {
            roots.release(root);
        }
    }

    private void undo(SandboxSpec spec, @Nullable DockerSandbox sandbox) throws InterruptedException {
        if (sandbox == null) {
            registry.ends(spec.id(), List.of());
        } else {
            sandbox.destroy();
        }
    }

    private String create(JsonObject container) {
        return api.demand(ErrorCode.START_FAILED, "POST", "/containers/create", container)
                .json()
                .getString("Id");
    }

    private long pidOf(String container) {
        return api.demand(ErrorCode.INTERNAL, "GET", "/containers/" + container + "/json", null)
                .json()
                .getJsonObject("State")
                .getLong("Pid");
    }

    /** Nobody will destroy it any more: what is there of it is the sweep's. */
    void abandon(String id) {
        registry.ends(id, List.of("all of " + id));
    }

    /** Frees what is not the daemon's and says what is left of all of it. */
    List<String> cleanUp(SandboxSpec spec, Network network, List<String> containers) throws InterruptedException {
        networks.discard(network);
        OciConfig.deleteTree(folder.resolve("files").resolve(spec.id()));
        List<String> left = leftovers(spec.id(), containers);
        registry.ends(spec.id(), left);
        return left;
    }

    List<String> leftovers(String id, List<String> containers) {
        List<String> left = new ArrayList<>();
        for (String container : containers) {
            if (api.call("GET", "/containers/" + container + "/json", null).status() != 404) {
                left.add("container " + container);
            }
        }
        if (Files.exists(folder.resolve("files").resolve(id))) {
            left.add("files of " + id);
        }
        return left;
    }

    @Override
    public Sweep sweep() throws InterruptedException {
        Map<String, List<String>> seen = new TreeMap<>();
        JsonArray all = new JsonArray(
                api.demand(ErrorCode.UNSUPPORTED, "GET", "/containers/json?all=1&" + Containers.filter(tag), null)
                        .text());
        for (Object each : all) {
            JsonObject container = (JsonObject) each;
            String id = container.getJsonObject("Labels").getString(Containers.SANDBOX, "");
            seen.computeIfAbsent(id, _ -> new ArrayList<>()).add(container.getString("Id"));
        }
        try (var files = Files.list(folder.resolve("files"))) {
            files.forEach(own -> seen.computeIfAbsent(String.valueOf(own.getFileName()), _ -> new ArrayList<>()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        registry.quarantined().forEach(id -> seen.computeIfAbsent(id, _ -> new ArrayList<>()));
        int found = 0;
        List<String> left = new ArrayList<>();
        for (var each : seen.entrySet()) {
            String id = each.getKey();
            if (registry.lives(id)) {
                continue;
            }
            // Looked at after the books: what has ended meanwhile is gone, or is in quarantine.
            if (leftovers(id, each.getValue()).isEmpty()) {
                registry.swept(id, List.of());
                continue;
            }
            log.atInfo().addKeyValue("sandbox", id).log("Destroying what belongs to no sandbox that lives");
            each.getValue().forEach(container -> api.call("DELETE", "/containers/" + container + "?force=1&v=1", null));
            OciConfig.deleteTree(folder.resolve("files").resolve(id));
            List<String> what = leftovers(id, each.getValue());
            left.addAll(what);
            found += registry.swept(id, what) ? 1 : 0;
        }
        Sweep ofRoots = roots.sweep();
        left.addAll(ofRoots.left());
        return new Sweep(found + ofRoots.found(), left);
    }

    @Override
    public Optional<String> trouble() {
        DockerApi.Answer answer = api.call("GET", "/_ping", null);
        return answer.ok() ? Optional.empty() : Optional.of("the engine answers " + answer.status());
    }

    @Override
    public SandboxHealth health() {
        return registry.health(roots.count());
    }

    @Override
    public void close() {
        images.removeAll();
        roots.close();
        if (!parent.isEmpty()) {
            OciConfig.removeCgroups(parent.substring(1));
        }
    }
}
