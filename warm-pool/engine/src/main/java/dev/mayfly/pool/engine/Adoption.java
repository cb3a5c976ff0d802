package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.ReleaseToRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Instances of a predecessor of this server, which died and left them running. Those of a release that is still served are taken
 * over, the rest is destroyed. Safe from many threads.
 */
final class Adoption {
    private static final Logger log = LoggerFactory.getLogger(Adoption.class);

    private final Map<String, String> orphans;
    private int taken;

    /** @param orphans labels by id */
    Adoption(Map<String, String> orphans) {
        this.orphans = new HashMap<>(orphans);
    }

    /** Ids of the release's instances. */
    synchronized List<String> of(ReleaseToRun release) {
        String label = InstanceLabel.of(release);
        List<String> found = new ArrayList<>();
        orphans.forEach((id, each) -> {
            if (each.equals(label)) {
                found.add(id);
            }
        });
        return found;
    }

    /** It is somebody's now. */
    synchronized void taken(String id) {
        taken += orphans.remove(id) == null ? 0 : 1;
    }

    /** Nothing is taken over from now on. Returns ids of what was not. */
    synchronized Set<String> end() {
        Set<String> rest = Set.copyOf(orphans.keySet());
        orphans.clear();
        if (taken + rest.size() > 0) {
            log.atInfo()
                    .addKeyValue("adopted", taken)
                    .addKeyValue("destroyed", rest.size())
                    .log("A predecessor of this server left instances running");
        }
        return rest;
    }
}
