package dev.mayfly.pool.engine;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.Zygote;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.OwnZygote;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.pool.core.Wanted;
import dev.mayfly.sandbox.GenericSandbox;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxBinding;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Functions whose image has a generic part start as that, in the default runtime class, and are bound when they are wanted. */
final class LateBinding implements Generics {
    /** What a shim prints when it waits to be bound; no tenant's code can have run before. */
    private static final String WAITS = "generic";

    /** No tenant can have this name, so no network comes back to a generic sandbox. */
    private static final String NOBODY = "-";

    /** Each has a range of user ids to itself, so that all may have the same in it. */
    private static final int UID = SandboxSpec.UID_MIN;

    /** Releases whose key is remembered; they live longer than anything that would tell us that they are gone. */
    private static final int REMEMBERED_MAX = 10_000;

    /**
     * What instances of a key have in common: runtimes size themselves at their start by the limits that they find, and a network
     * is made ahead for those alone that may use it.
     */
    private record Kind(GenericRuntime runtime, SandboxSpec.SandboxLimits limits, EgressPolicy widest) {}

    private record Known(ReleaseToRun release, Wanted wanted) {}

    private final SandboxStarter start;
    private final SandboxRuntime sandboxes;
    private final ImageRoots images;
    private final SocketFolders sockets;
    private final PoolConfig.Keeping.Zygotes sharing;
    private final Map<ReleaseRef, Known> known = new ConcurrentHashMap<>();
    private final Map<GenericKey, Kind> kinds = new ConcurrentHashMap<>();

    /** What zygotes of tenants are like, by the name that the core knows them by. */
    private final Map<String, Zygote> zygotes = new ConcurrentHashMap<>();

    /**
     * @param sandboxes the default class, which binds late
     * @param sharing whose instances are forked from one zygote
     */
    LateBinding(
            SandboxStarter start,
            SandboxRuntime sandboxes,
            ImageRoots images,
            SocketFolders sockets,
            PoolConfig.Keeping.Zygotes sharing) {
        this.sharing = sharing;
        this.start = start;
        this.sandboxes = sandboxes;
        this.images = images;
        this.sockets = sockets;
    }

    @Override
    public Wanted wanted(ReleaseToRun release) {
        Known known = this.known.get(release.release());
        // An app that was destroyed and made again has other releases of the same versions.
        if (known != null && known.release().equals(release)) {
            return known.wanted();
        }
        return learn(release);
    }

    /** One at a time: a key that is known has its kind, unless all is forgotten. */
    private synchronized Wanted learn(ReleaseToRun release) {
        if (known.size() >= REMEMBERED_MAX) {
            known.clear();
            kinds.clear(); // Each is known again as soon as a release of it is asked for.
            zygotes.clear();
        }
        Optional<GenericKey> key = find(release);
        Wanted wanted = new Wanted(release, key, key.map(kinds::get).flatMap(this::ownZygote));
        known.put(release.release(), new Known(release, wanted));
        return wanted;
    }

    private Optional<String> ownZygote(Kind kind) {
        String name = kind.runtime().key();
        return kind.runtime()
                .zygote()
                .filter(_ -> sharing == PoolConfig.Keeping.Zygotes.TENANT)
                .map(zygote -> {
                    zygotes.put(name, zygote);
                    return name;
                });
    }

    @Override
    public boolean forks(GenericKey key) {
        Kind kind = kinds.get(key.ofAnybody());
        return kind != null && zygote(kind, key).isPresent();
    }

    /** What an instance of the key is forked from: never what another tenant's are. */
    private Optional<Zygote> zygote(Kind kind, GenericKey key) {
        Optional<Zygote> zygote = kind.runtime().zygote();
        return switch (sharing) {
            case TENANT -> key.zygote().flatMap(own -> zygote.map(it -> it.of(owner(own))));
            case MACHINE -> zygote;
            case OFF -> Optional.empty();
        };
    }

    @Override
    public void retire(OwnZygote own) throws InterruptedException {
        Zygote zygote = zygotes.get(own.name());
        if (zygote != null) {
            sandboxes.retire(zygote.of(owner(own)));
        }
    }

    private static Zygote.Owner owner(OwnZygote own) {
        return new Zygote.Owner(own.tenant(), own.number());
    }

    private Optional<GenericKey> find(ReleaseToRun release) {
        if (release.spec().kind() != AppKind.FUNCTION
                || !start.runtimeClass(release).equals(start.defaultClass())) {
            return Optional.empty();
        }
        return images.generic(release.image())
                .filter(runtime -> BindMessage.fits(runtime, release, images.layers(release.image())))
                .map(runtime -> {
                    // Reads and writes are limited when it is bound: nothing sizes itself by that.
                    Limits its = release.spec().limits();
                    SandboxSpec.SandboxLimits limits =
                            new SandboxSpec.SandboxLimits(its.memoryMib(), its.cpus(), its.pids(), its.tmpMib());
                    boolean alone = release.spec().egress().equals(EgressPolicy.NONE);
                    GenericKey key = new GenericKey(runtime.key() + "/" + limits.memoryMib() + "m/" + limits.cpus()
                            + "c/" + limits.pids() + "p/" + limits.tmpMib() + "t/" + (alone ? "alone" : "connected"));
                    kinds.putIfAbsent(key, new Kind(runtime, limits, alone ? EgressPolicy.NONE : EgressPolicy.OPEN));
                    return key;
                });
    }

    @Override
    public Warming start(String id, GenericKey key, BiConsumer<Boolean, String> output) throws InterruptedException {
        Kind kind = kinds.get(key.ofAnybody());
        if (kind == null) {
            throw new MayflyException(ErrorCode.START_FAILED, "no release that is known can use one: " + key);
        }
        GenericRuntime runtime = kind.runtime();
        CompletableFuture<Void> waits = new CompletableFuture<>();
        SandboxSpec spec = new SandboxSpec(
                id,
                NOBODY,
                runtime.layers(),
                runtime.process().argv(),
                runtime.process().env(),
                runtime.process().workingDir(),
                UID,
                kind.limits(),
                List.of(),
                kind.widest(),
                Optional.of(sockets.socket(id)),
                "",
                (stderr, line) -> {
                    if (waits.isDone() || stderr || !line.equals(WAITS) || !waits.complete(null)) {
                        output.accept(stderr, line);
                    }
                });
        Sandbox sandbox = sandboxes.startGeneric(spec, zygote(kind, key));
        return new Warming(sandbox, waits);
    }

    @Override
    public SandboxStarter.Started bind(Sandbox sandbox, ReleaseToRun release) throws InterruptedException {
        GenericRuntime runtime = wanted(release)
                .generic()
                .map(kinds::get)
                .map(Kind::runtime)
                .orElseThrow(() -> new MayflyException(ErrorCode.START_FAILED, "its image has no generic part"));
        ((GenericSandbox) sandbox)
                .bind(new SandboxBinding(
                        release.release().app().tenant().value(),
                        InstanceLabel.of(release),
                        images.layers(release.image()),
                        SandboxStarter.limits(release),
                        release.spec().egress(),
                        BindMessage.of(runtime, release)));
        return new SandboxStarter.Started(sandbox, new InstanceAddress.UnixSocket(sockets.socket(sandbox.id())));
    }
}
