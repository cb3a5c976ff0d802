package dev.mayfly.control.live;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names of live events on the wire, the same as in {@code openapi.yaml}. The part before the dot is the topic. */
public enum LiveEventType {
    APP_CREATED("app.created", LiveEvent.AppCreated.class),
    APP_DESTROYED("app.destroyed", LiveEvent.AppDestroyed.class),
    BUILD_QUEUED("build.queued", LiveEvent.BuildQueued.class),
    BUILD_STARTED("build.started", LiveEvent.BuildStarted.class),
    BUILD_ENDED("build.ended", LiveEvent.BuildEnded.class),
    BUILD_PHASE("build.phase", LiveEvent.BuildPhaseBegun.class),
    BUILD_LINE("build.line", LiveEvent.BuildLinePrinted.class),
    RELEASE_CREATED("release.created", LiveEvent.ReleaseCreated.class),
    RELEASE_LIVE("release.live", LiveEvent.ReleaseLive.class),
    INSTANCE_CHANGED("instance.changed", LiveEvent.InstanceChanged.class),
    LOG_LINE("log.line", LiveEvent.LogLinePrinted.class),
    SANDBOX_SWEPT("sandbox.swept", LiveEvent.SandboxSwept.class),
    SANDBOX_QUARANTINED("sandbox.quarantined", LiveEvent.SandboxQuarantined.class);

    private static final Map<Class<? extends LiveEvent>, LiveEventType> BY_CLASS =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(type -> type.of, Function.identity()));
    private static final Map<String, LiveEventType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(type -> type.wireName, Function.identity()));

    private final String wireName;
    private final Class<? extends LiveEvent> of;

    LiveEventType(String wireName, Class<? extends LiveEvent> of) {
        this.wireName = wireName;
        this.of = of;
    }

    static LiveEventType of(LiveEvent event) {
        return java.util.Objects.requireNonNull(BY_CLASS.get(event.getClass()), event.getClass()::getName);
    }

    /** Empty: a newer server knows more. */
    static Optional<LiveEventType> named(String wireName) {
        return Optional.ofNullable(BY_NAME.get(wireName));
    }

    public String wireName() {
        return wireName;
    }

    /** Class of the events of this type. */
    Class<? extends LiveEvent> eventClass() {
        return of;
    }

    String topic() {
        return wireName.substring(0, wireName.indexOf('.'));
    }
}
