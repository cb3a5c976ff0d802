package dev.mayfly.control.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.cluster.LocalCluster;
import dev.mayfly.control.logs.LogLine;
import dev.mayfly.model.AppRef;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EventHubTest {
    private static final EventHub.Filter ALL = new EventHub.Filter("local", Optional.empty(), Set.of());

    private final LiveEvents live = new LiveEvents(new LocalCluster("one"), Clock.systemUTC());
    private final EventHub hub = new EventHub(live, Clock.systemUTC());

    @Test
    void longEventsAreRememberedByTheirLengthNotTheirNumber() {
        List<EventHub.Numbered> told = new ArrayList<>();
        hub.follow(ALL, Optional.empty(), told::add);
        String line = "x".repeat(16 * 1024);
        int all = 300;
        IntStream.range(0, all)
                .forEach(_ -> live.publish(AppRef.of("local", "shop"), new LiveEvent.BuildLinePrinted("bld_1", line)));
        int fit = EventHub.REMEMBERED_CHARS / told.getFirst().event().json().length();
        assertThat(hub.follow(ALL, Optional.of(told.get(all - fit - 1).id()), _ -> {})
                        .missed())
                .as("forgotten")
                .isEmpty();
        assertThat(hub.follow(ALL, Optional.of(told.get(all - fit).id()), _ -> {})
                        .missed())
                .hasValueSatisfying(missed -> assertThat(missed).hasSize(fit - 1));
    }

    @Test
    void tellsAFollowerOnlyOfItsTenantAppAndTopics() {
        List<EventHub.Numbered> told = new ArrayList<>();
        hub.follow(new EventHub.Filter("local", Optional.of("shop"), Set.of("build")), Optional.empty(), told::add);
        line("other", "shop", 1);
        line("local", "mail", 2);
        logged("local", "shop", 3);
        line("local", "shop", 4);
        assertThat(numbers(told)).containsExactly(4);
    }

    @Test
    void whoComesBackGetsWhatItMissedWithTheIdsOfThen() {
        List<EventHub.Numbered> told = new ArrayList<>();
        hub.follow(ALL, Optional.empty(), told::add);
        IntStream.range(0, 5).forEach(i -> logged("local", "shop", i));
        EventHub.Following back = hub.follow(ALL, Optional.of(told.get(1).id()), _ -> {});
        assertThat(back.missed().orElseThrow()).isEqualTo(told.subList(2, 5));
        EventHub.Following upToDate = hub.follow(ALL, Optional.of(told.getLast().id()), _ -> {});
        assertThat(upToDate.missed().orElseThrow()).isEmpty();
    }

    @Test
    void whoWasAwayTooLongOrComesFromAnotherServerIsToldOfAGap() {
        List<EventHub.Numbered> told = new ArrayList<>();
        hub.follow(ALL, Optional.empty(), told::add);
        IntStream.range(0, 2_001).forEach(i -> logged("local", "shop", i));
        assertThat(hub.follow(ALL, Optional.of(told.getFirst().id()), _ -> {}).missed())
                .isEmpty();
        assertThat(hub.follow(ALL, Optional.of("elsewhere-7"), _ -> {}).missed())
                .isEmpty();
    }

    /** The moment between "what did I miss" and "what comes now" must not lose or double anything. */
    @Test
    void comingBackWhileMuchHappensLosesAndDoublesNothing() throws InterruptedException {
        int events = 1_500;
        List<EventHub.Numbered> first = new CopyOnWriteArrayList<>();
        AutoCloseable end = hub.follow(ALL, Optional.empty(), first::add).handle();
        logged("local", "shop", 0);
        Thread publisher =
                Thread.ofPlatform().start(() -> IntStream.range(1, events).forEach(i -> logged("local", "shop", i)));
        List<Integer> all = List.of();
        while (publisher.isAlive()) {
            List<EventHub.Numbered> live = new CopyOnWriteArrayList<>();
            EventHub.Following back =
                    hub.follow(ALL, Optional.of(first.getFirst().id()), live::add);
            publisher.join(1);
            close(back.handle());
            List<EventHub.Numbered> seen = new ArrayList<>(back.missed().orElseThrow());
            seen.addAll(live);
            all = numbers(seen);
            assertThat(all)
                    .isEqualTo(IntStream.rangeClosed(1, all.size()).boxed().toList());
        }
        close(end);
        assertThat(numbers(first)).isEqualTo(IntStream.range(0, events).boxed().toList());
        assertThat(hub.followers()).isZero();
    }

    private void line(String tenant, String app, int number) {
        live.publish(AppRef.of(tenant, app), new LiveEvent.BuildLinePrinted("bld_1", String.valueOf(number)));
    }

    private void logged(String tenant, String app, int number) {
        live.publish(
                AppRef.of(tenant, app),
                new LiveEvent.LogLinePrinted(
                        new LogLine(Instant.EPOCH, "app", "ins_1", "stdout", String.valueOf(number))));
    }

    private static List<Integer> numbers(List<EventHub.Numbered> events) {
        return events.stream()
                .map(each -> switch (each.event().event()) {
                    case LiveEvent.BuildLinePrinted printed -> Integer.valueOf(printed.line());
                    case LiveEvent.LogLinePrinted printed ->
                        Integer.valueOf(printed.line().line());
                    default -> throw new AssertionError(each);
                })
                .toList();
    }

    private static void close(AutoCloseable handle) {
        try {
            handle.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
