package dev.mayfly.control.live;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.mayfly.control.api.json.BuildJson;
import dev.mayfly.control.api.json.InstanceJson;
import dev.mayfly.control.api.json.ReleaseJson;
import dev.mayfly.control.logs.LogLine;
import org.jspecify.annotations.Nullable;

/**
 * What can happen. Told to whoever looks at the moment: consoles, {@code mayfly logs -f}, other servers. A hint, never the record:
 * losing one loses nothing but freshness. Their names on the wire are in {@link LiveEventType}.
 */
public sealed interface LiveEvent {
    /** There is an app, without a release yet. */
    record AppCreated(String name, String url) implements LiveEvent {}

    /** An app is gone with all that was kept of it. */
    record AppDestroyed(String name, String url) implements LiveEvent {}

    /** A push waits for its turn. */
    record BuildQueued(@JsonValue BuildJson build) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public BuildQueued {}
    }

    /** It is the build's turn. */
    record BuildStarted(@JsonValue BuildJson build) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public BuildStarted {}
    }

    /** A build has ended, well or not. */
    record BuildEnded(@JsonValue BuildJson build) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public BuildEnded {}
    }

    /** A phase of a build begins. */
    record BuildPhaseBegun(String id, String phase) implements LiveEvent {}

    /** A build has printed a line. */
    record BuildLinePrinted(String id, String line) implements LiveEvent {}

    /** A release is written down and is being started. */
    record ReleaseCreated(@JsonValue ReleaseJson release) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public ReleaseCreated {}
    }

    /** A release serves. */
    record ReleaseLive(@JsonValue ReleaseJson release) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public ReleaseLive {}
    }

    /** Something about an instance is another than before. */
    record InstanceChanged(@JsonValue InstanceJson instance) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public InstanceChanged {}
    }

    /** An app has printed a line. */
    record LogLinePrinted(@JsonValue LogLine line) implements LiveEvent {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public LogLinePrinted {}
    }

    /**
     * Sweeps of a server found and removed leftovers of sandboxes.
     *
     * @param what runtime class or kind of thing
     * @param count of what was found
     * @param sandbox of which, if it is of one
     */
    record SandboxSwept(
            String server, String what, int count, @Nullable String sandbox) implements LiveEvent {}

    /**
     * Leftovers of sandboxes that do not go. What exactly, only the server's log says, as it names paths of the machine.
     *
     * @param what runtime class or kind of thing
     * @param count of what is left
     * @param sandbox of which, if it is of one
     */
    record SandboxQuarantined(
            String server, String what, int count, @Nullable String sandbox) implements LiveEvent {}
}
