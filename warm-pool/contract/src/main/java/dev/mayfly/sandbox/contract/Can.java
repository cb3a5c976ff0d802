package dev.mayfly.sandbox.contract;

/** What a runtime class offers beyond running a program and ending it; what it does not, it must refuse in clear words. */
public enum Can {
    /** Keeps anything in: without it, whatever the isolation suite asserts is asserted not to hold. */
    ISOLATE,
    /** Stops the time of a sandbox. */
    FREEZE,
    /** Tells what a sandbox has used. */
    MEASURE,
    /** Finds what a predecessor left behind. */
    SWEEP,
    /** Has a root mounted for each sandbox while it lives. */
    ROOT
}
