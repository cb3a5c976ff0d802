package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OrphansTest {
    private final List<String> heard = new ArrayList<>();

    @Test
    void whatWasPrintedBeforeTheListIsHandedOverFirst() {
        Orphans orphans = new Orphans(true);
        assertThat(keep(orphans, "a", "one")).isTrue();
        assertThat(keep(orphans, "nobody", "lost")).isTrue();
        orphans.listed(Map.of("a", "label"));
        assertThat(keep(orphans, "a", "two")).isTrue();
        assertThat(keep(orphans, "nobody", "lost")).isFalse();
        assertThat(orphans.labels()).isEqualTo(Map.of("a", "label"));
        assertThat(take(orphans, "a")).isEqualTo("label");
        assertThat(heard).containsExactly("one", "two", "taken");
        assertThat(orphans.labels()).isEmpty();
        assertThat(keep(orphans, "a", "three")).as("is its heir's").isFalse();
        assertThat(take(orphans, "a")).isEmpty();
        assertThat(heard).as("nothing happens").hasSize(3);
    }

    @Test
    void whoseEndWasToldBeforeTheListIsNoOrphan() {
        Orphans orphans = new Orphans(true);
        keep(orphans, "ended", "last words");
        assertThat(orphans.forget("ended")).isEmpty();
        orphans.listed(Map.of("ended", "label", "runs", "label"));
        assertThat(orphans.labels()).containsOnlyKeys("runs");
        assertThat(take(orphans, "ended")).isEmpty();
    }

    @Test
    void itSaysHowMuchOfItWasKept() {
        Orphans orphans = new Orphans(false);
        orphans.listed(Map.of("a", "label"));
        keep(orphans, "a", "12345");
        keep(orphans, "a", "678");
        assertThat(orphans.forget("a")).hasValue(8);
        assertThat(orphans.forget("a")).isEmpty();
    }

    private static boolean keep(Orphans orphans, String id, String text) {
        return orphans.keep(id, false, text.getBytes(StandardCharsets.UTF_8));
    }

    private String take(Orphans orphans, String id) {
        return orphans.take(
                        id,
                        (_, bytes) -> heard.add(new String(bytes, StandardCharsets.UTF_8)),
                        () -> heard.add("taken"))
                .orElse("");
    }
}
