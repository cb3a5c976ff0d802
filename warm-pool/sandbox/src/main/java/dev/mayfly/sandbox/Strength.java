package dev.mayfly.sandbox;

/** How much an app must get past to reach the machine, the least first. */
public enum Strength {
    /** Nothing: for development only. */
    NONE,
    /** The machine's own kernel. */
    SHARED_KERNEL,
    /** A kernel of its own, in a process of the machine. */
    OWN_KERNEL,
    /** A virtual machine. */
    OWN_MACHINE
}
