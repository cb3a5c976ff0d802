package dev.mayfly.builders.engine;

import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.image.LayerStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What builds may hold of the server's memory: half of its heap. The rest is for requests, pushes, the database and all else. */
final class HeapShare {
    private static final Logger log = LoggerFactory.getLogger(HeapShare.class);

    private HeapShare() {}

    /** So many builds may run at once; always one. */
    static int parallel(int wanted, long heapBytes) {
        long held = heapBytes / 2 - LayerStore.HEAP_BYTES_MAX;
        int fit = Math.clamp(held / BuildLimits.HEAP_BYTES_MAX, 1, Integer.MAX_VALUE);
        if (fit < wanted || held < BuildLimits.HEAP_BYTES_MAX) {
            log.atWarn()
                    .addKeyValue("build.parallel", wanted)
                    .addKeyValue("at once", Math.min(fit, wanted))
                    .addKeyValue("heap MiB", heapBytes >> 20)
                    .addKeyValue("needed MiB", (LayerStore.HEAP_BYTES_MAX + wanted * BuildLimits.HEAP_BYTES_MAX) >> 19)
                    .log("Fewer builds run at once, as half of the heap cannot hold what so many may need");
        }
        return Math.min(fit, wanted);
    }
}
