package dev.mayfly.control.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.api.json.BuildJson;
import dev.mayfly.control.api.json.InstanceJson;
import dev.mayfly.control.api.json.ReleaseJson;
import dev.mayfly.control.logs.LogLine;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Live events on their way to other servers, and their names. */
final class LiveEventsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final AppRef SHOP = AppRef.of("local", "shop");
    private static final BuildJson BUILD = new BuildJson(
            "bld_1",
            "shop",
            "local",
            "failed",
            "c",
            "t",
            "dev",
            "one",
            NOON,
            NOON,
            null,
            List.of(new BuildJson.Phase("build", 7)),
            new BuildJson.Failure("build.failed", "build", "no"),
            null);
    private static final ReleaseJson RELEASE = new ReleaseJson(
            "v1", 1, "shop", "local", "live", "sha256:1", 2, "deploy", "Deploy c", "dev", NOON, "c", null, "http://x/");
    private static final InstanceJson INSTANCE = new InstanceJson(
            "ins_1",
            "shop",
            "local",
            "v1",
            "ready",
            "native",
            "one",
            1,
            2,
            NOON,
            null,
            NOON,
            null,
            null,
            null,
            List.of(new InstanceJson.Step("ready", NOON)),
            "http://x/");

    /** One of each. */
    private static final List<LiveEvent> ALL = List.of(
            new LiveEvent.AppCreated("shop", "http://x/"),
            new LiveEvent.AppDestroyed("shop", "http://x/"),
            new LiveEvent.BuildQueued(BUILD),
            new LiveEvent.BuildStarted(BUILD),
            new LiveEvent.BuildEnded(BUILD),
            new LiveEvent.BuildPhaseBegun("bld_1", "build"),
            new LiveEvent.BuildLinePrinted("bld_1", "a \u2028 line"),
            new LiveEvent.ReleaseCreated(RELEASE),
            new LiveEvent.ReleaseLive(RELEASE),
            new LiveEvent.InstanceChanged(INSTANCE),
            new LiveEvent.LogLinePrinted(new LogLine(NOON, "app", "ins_1", "stdout", "hello")),
            new LiveEvent.SandboxSwept("one", "runc", 3, null),
            new LiveEvent.SandboxQuarantined("one", "runc", 3, "ins_1"));

    private final Wire wire = new Wire();
    private final LiveEvents one = new LiveEvents(wire, Clock.systemUTC());
    private final LiveEvents two = new LiveEvents(wire, Clock.systemUTC());

    @Test
    void everyEventReachesTheOtherServerAsItWas() {
        List<Occurrence> here = new ArrayList<>();
        List<Occurrence> there = new ArrayList<>();
        one.subscribe(here::add);
        two.subscribe(there::add);
        ALL.forEach(event -> one.publish(SHOP, event));
        one.publish(new TenantName("local"), new LiveEvent.SandboxSwept("one", "docker", 1, null));
        assertThat(here).extracting(Occurrence::event).startsWith(ALL.toArray(LiveEvent[]::new));
        assertThat(there).isEqualTo(here).hasSize(ALL.size() + 1);
        assertThat(there.getLast().app()).isEmpty();
    }

    @Test
    void whatANewerServerSaysOrNobodyMeansIsPassedOver() {
        List<Occurrence> there = new ArrayList<>();
        two.subscribe(there::add);
        for (String said : List.of(
                "{\"tenant\":\"local\",\"app\":\"shop\",\"type\":\"volume.made\",\"data\":{}}",
                "[]",
                "nothing of ours",
                "{\"type\":\"build.ended\",\"data\":7}")) {
            wire.broadcast(said);
        }
        assertThat(there).isEmpty();
        wire.broadcast("{\"tenant\":\"local\",\"app\":\"shop\",\"type\":\"build.phase\",\"at\":\"" + NOON
                + "\",\"data\":{\"id\":\"bld_1\",\"phase\":\"build\",\"since\":\"a member of tomorrow\"}}");
        assertThat(there)
                .singleElement()
                .satisfies(each -> assertThat(each.event()).isEqualTo(new LiveEvent.BuildPhaseBegun("bld_1", "build")));
    }

    @Test
    void oneSubscriberThatFailsTakesNothingFromTheOthers() {
        List<Occurrence> heard = new ArrayList<>();
        one.subscribe(_ -> {
            throw new IllegalStateException("of the test");
        });
        one.subscribe(heard::add);
        one.publish(SHOP, ALL.getFirst());
        assertThat(heard).hasSize(1);
    }

    @Test
    void theDocumentAndTheTypesNameTheSameEvents() throws Exception {
        try (InputStream in = Objects.requireNonNull(LiveEventsTest.class.getResourceAsStream("/openapi.yaml"))) {
            JsonNode mapping = new YAMLMapper().readTree(in).at("/components/schemas/LiveEvent/discriminator/mapping");
            Set<String> documented = new TreeSet<>();
            mapping.fieldNames().forEachRemaining(documented::add);
            assertThat(documented)
                    .isEqualTo(Arrays.stream(LiveEventType.values())
                            .map(LiveEventType::wireName)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        assertThat(ALL.stream().map(LiveEventType::of)).containsExactlyInAnyOrder(LiveEventType.values());
        assertThat(LiveEvent.class.getPermittedSubclasses()).hasSize(LiveEventType.values().length);
    }

    /** What is said reaches all who listen but the one who says it, if that is the first. */
    private static final class Wire implements Cluster {
        private final List<Consumer<String>> listeners = new ArrayList<>();

        @Override
        public String self() {
            return "one";
        }

        @Override
        public List<String> members() {
            return List.of("one", "two");
        }

        @Override
        public void broadcast(String json) {
            listeners.subList(1, listeners.size()).forEach(each -> each.accept(json));
        }

        @Override
        public AutoCloseable listen(Consumer<String> listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public void announce(String key, String json) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> others(String key) {
            return List.of();
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }
}
