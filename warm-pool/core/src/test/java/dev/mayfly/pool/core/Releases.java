package dev.mayfly.pool.core;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.Warmth;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Releases to test with. */
final class Releases {
    static final GenericKey NODE = new GenericKey("node-24");

    private String image = "";
    private String tenant = "t";
    private String app = "a";
    private int version = 1;
    private int concurrency = 1;
    private int memoryMib = 512;
    private AppKind kind = AppKind.FUNCTION;
    private Isolation isolation = Isolation.RELEASE;
    private Warmth warmth = new Warmth(Warmth.Keep.FIXED, 0, List.of());
    private Optional<GenericKey> generic = Optional.empty();
    private Optional<String> zygote = Optional.empty();

    static Releases release() {
        return new Releases();
    }

    Releases of(String someTenant, String someApp) {
        tenant = someTenant;
        app = someApp;
        return this;
    }

    Releases app(String name) {
        app = name;
        return this;
    }

    /** Another program than that of other releases of its name. */
    Releases image(String name) {
        image = name;
        return this;
    }

    Releases version(int number) {
        version = number;
        return this;
    }

    Releases concurrency(int requests) {
        concurrency = requests;
        return this;
    }

    Releases memory(int mib) {
        memoryMib = mib;
        return this;
    }

    Releases web() {
        kind = AppKind.WEB;
        return this;
    }

    Releases once() {
        isolation = Isolation.REQUEST;
        return this;
    }

    Releases learned() {
        warmth = Warmth.DEFAULTS;
        return this;
    }

    Releases warm(int instances) {
        warmth = new Warmth(Warmth.Keep.FIXED, instances, List.of());
        return this;
    }

    Releases generic() {
        return generic(NODE.value());
    }

    Releases generic(String kind) {
        generic = Optional.of(new GenericKey(kind));
        return this;
    }

    /** Made of generic instances that are forked where its tenant has the zygote for it. */
    Releases forked(String from) {
        zygote = Optional.of(from);
        return generic();
    }

    Wanted wanted() {
        Limits d = Limits.DEFAULTS;
        Limits limits = new Limits(
                memoryMib,
                d.cpus(),
                d.pids(),
                d.tmpMib(),
                concurrency,
                d.startTimeout(),
                Duration.ofMinutes(5),
                d.requestTimeout());
        AppSpec spec =
                new AppSpec(kind, EgressPolicy.OPEN, limits, Optional.empty(), Optional.empty(), isolation, warmth);
        return new Wanted(
                new ReleaseToRun(
                        new ReleaseRef(AppRef.of(tenant, app), version),
                        "sha256:" + app + image,
                        new ProcessSpec(List.of("/app"), Map.of(), "/"),
                        Map.of(),
                        spec),
                generic,
                zygote);
    }
}
