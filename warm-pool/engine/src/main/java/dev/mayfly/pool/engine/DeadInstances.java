package dev.mayfly.pool.engine;

import dev.mayfly.model.AppRef;
import dev.mayfly.pool.api.InstanceView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The instances that died in the last hour, so many of each app and so many in all, and of each app a few whatever their age:
 * who asks what an app died of has seldom been there. Guarded by the pool's lock.
 */
final class DeadInstances {
    static final int OF_APP_MAX = 100;
    static final int OF_APP_KEPT = 5;
    static final int ALL_MAX = 1_000;
    private static final Duration REMEMBERED = Duration.ofHours(1);
    private static final Comparator<InstanceView> BY_DEATH =
            Comparator.comparing(view -> view.diedAt().orElseThrow());

    /** The last first. */
    private final Map<AppRef, Deque<InstanceView>> ofApps = new HashMap<>();

    private int count;

    void add(InstanceView dead) {
        AppRef app = dead.release().app();
        Deque<InstanceView> ofApp = ofApps.computeIfAbsent(app, _ -> new ArrayDeque<>());
        ofApp.addFirst(dead);
        count++;
        if (ofApp.size() > OF_APP_MAX) {
            removeOldest(app, ofApp);
        } else if (count > ALL_MAX) {
            ofApps.entrySet().stream()
                    .min(Comparator.comparing(entry -> entry.getValue().getLast(), BY_DEATH))
                    .ifPresent(entry -> removeOldest(entry.getKey(), entry.getValue()));
        }
    }

    private void removeOldest(AppRef app, Deque<InstanceView> ofApp) {
        ofApp.removeLast();
        count--;
        if (ofApp.isEmpty()) {
            ofApps.remove(app);
        }
    }

    /** The last first. */
    List<InstanceView> seenAt(Instant now) {
        Instant oldest = now.minus(REMEMBERED);
        List<InstanceView> seen = new ArrayList<>();
        for (Deque<InstanceView> ofApp : ofApps.values()) {
            int kept = 0;
            for (InstanceView each : ofApp) {
                if (kept < OF_APP_KEPT || !each.diedAt().orElseThrow().isBefore(oldest)) {
                    seen.add(each);
                    kept++;
                }
            }
        }
        seen.sort(BY_DEATH.reversed());
        return seen;
    }
}
