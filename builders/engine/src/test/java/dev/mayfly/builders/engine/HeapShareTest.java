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
    private static final Pattern HEAP = Pattern.compile("-Xmx\"\\$\\{MAYFLY_HEAP:-(\\d+)m}\"");

    /** The rest is for requests, pushes, the database and everything else. */
    private static final double SHARE = 0.5;

    @Test
    void allThatBuildsMayHoldAtOnceIsLessThanTheirShareOfTheHeap() throws IOException {
        Matcher heap = HEAP.matcher(Files.readString(Path.of("../../tools/up.sh")));
        assertThat(heap.find()).as("the server's heap in tools/up.sh").isTrue();
        long share = (long) (Long.parseLong(heap.group(1)) * 1024 * 1024 * SHARE);
        long builds = EngineConfig.DEFAULTS.parallel() * BuildLimits.HEAP_BYTES_MAX;
        assertThat(builds + LayerStore.HEAP_BYTES_MAX)
                .as("builds " + builds + ", reading of layers " + LayerStore.HEAP_BYTES_MAX)
                .isLessThanOrEqualTo(share);
    }
}
