package dev.mayfly.builders.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.image.LayerStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The sum of what builds may hold of the server's memory. */
final class HeapShareTest {
    private static final long MIB = 1024 * 1024;
    private static final Pattern HEAP = Pattern.compile("-Xmx\"\\$\\{MAYFLY_HEAP:-(\\d+)m}\"");

    @Test
    void theDefaultHeapHoldsAsManyBuildsAsRunByDefault() throws IOException {
        Matcher heap = HEAP.matcher(Files.readString(Path.of("../../tools/up.sh")));
        assertThat(heap.find()).as("the server's heap in tools/up.sh").isTrue();
        long bytes = Long.parseLong(heap.group(1)) * MIB;
        bytes -= bytes / 30; // The collector that it chooses keeps one of two parts of so much free.
        int parallel = EngineConfig.DEFAULTS.parallel();
        assertThat(HeapShare.parallel(parallel, bytes)).isEqualTo(parallel);
        assertThat(LayerStore.HEAP_BYTES_MAX + parallel * BuildLimits.HEAP_BYTES_MAX)
                .isLessThanOrEqualTo(bytes / 2);
    }

    /** Whatever the operator set: the heap may be small, or the builds many. */
    @Test
    void noMoreBuildsRunThanHalfOfTheHeapHolds() {
        for (long heap : new long[] {512 * MIB, 1024 * MIB, 4096 * MIB}) {
            int parallel = HeapShare.parallel(64, heap);
            assertThat(LayerStore.HEAP_BYTES_MAX + parallel * BuildLimits.HEAP_BYTES_MAX)
                    .as("heap %s", heap)
                    .isLessThanOrEqualTo(heap / 2);
            assertThat(HeapShare.parallel(2, heap)).isEqualTo(2);
        }
        assertThat(HeapShare.parallel(64, 512 * MIB)).isBetween(4, 8);
        assertThat(HeapShare.parallel(64, 1L << 40)).isEqualTo(64);
        assertThat(HeapShare.parallel(4, 64 * MIB)).isEqualTo(1);
    }
}
