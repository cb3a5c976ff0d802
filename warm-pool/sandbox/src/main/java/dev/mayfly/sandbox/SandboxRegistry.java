package dev.mayfly.sandbox;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which sandboxes of a class live, and of which something is left that does not go. With it a sweep tells what is somebody's
 * from what is nobody's. Safe from many threads.
 */
public final class SandboxRegistry {
    private final Set<String> living = new HashSet<>();
    private final Set<String> quarantine = new HashSet<>();

    /** To be called before anything of the sandbox is made. */
    public synchronized void begins(String id) {
        living.add(id);
    }

    /** To be called after everything was destroyed, with what is left all the same. */
    public synchronized void ends(String id, List<String> left) {
        if (living.remove(id)) {
            swept(id, left);
        }
    }

    /** A sweep has dealt with what was nobody's. Returns whether it was not known to be left. */
    public synchronized boolean swept(String id, List<String> left) {
        return left.isEmpty() ? !quarantine.remove(id) : quarantine.add(id);
    }

    public synchronized boolean lives(String id) {
        return living.contains(id);
    }

    /** What a sweep must look at again, in case it went by itself. */
    public synchronized List<String> quarantined() {
        return List.copyOf(quarantine);
    }

    public synchronized SandboxHealth health(int roots) {
        return new SandboxHealth(living.size(), 0, quarantine.size(), roots);
    }
}
