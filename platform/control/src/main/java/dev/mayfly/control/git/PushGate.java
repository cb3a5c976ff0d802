package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import java.util.Optional;

/** Whether there is room for a push, asked before any of it is received. */
@FunctionalInterface
public interface PushGate {
    /** Why it is refused, for the person who pushes; empty: it may come. Returns at once. */
    Optional<String> refusal(AppRef app);
}
