package dev.mayfly.gateway.calls;

/** Told of every call to an app once it is over. Called on an event loop: must return at once and never throw. */
@FunctionalInterface
public interface CallSink {
    CallSink NONE = _ -> {};

    void ended(CallRecord call);
}
