package dev.mayfly.pool.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.CronTimes;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.WarmWindow;
import dev.mayfly.model.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WarmthTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    0 8 * * *            | 2026-11-25T09:30:00Z | 2026-11-25T08:00:00Z
                    0 8 * * *            | 2026-11-25T08:00:00Z | 2026-11-25T08:00:00Z
                    0 8 * * *            | 2026-11-25T07:59:59Z | 2026-11-24T08:00:00Z
                    */20 * * * *         | 2026-11-25T09:59:00Z | 2026-11-25T09:40:00Z
                    5-59/20 9-17 * * *   | 2026-11-25T20:00:00Z | 2026-11-25T17:45:00Z
                    0 8 * * mon-fri      | 2026-11-28T07:00:00Z | 2026-11-27T08:00:00Z
                    0 8 * * 7            | 2026-11-29T09:00:00Z | 2026-11-29T08:00:00Z
                    0 8 * * 0            | 2026-11-29T09:00:00Z | 2026-11-29T08:00:00Z
                    30 6 1,15 * *        | 2026-11-15T09:00:00Z | 2026-11-15T06:30:00Z
                    30 6 24 * wed        | 2026-11-25T09:00:00Z | 2026-11-25T06:30:00Z
                    30 6 24 * wed        | 2026-11-24T09:00:00Z | 2026-11-24T06:30:00Z
                    0 0 25 nov *         | 2026-11-25T00:00:00Z | 2026-11-25T00:00:00Z
                    """)
    void findsTheLastTime(String cron, Instant now, Instant expected) {
        assertThat(CronTimes.parse(cron).last(now, UTC, Duration.ofHours(24))).contains(expected);
    }

    @Test
    void whatWasLongerAgoIsNotFound() {
        assertThat(CronTimes.parse("0 8 * * mon")
                        .last(Instant.parse("2026-11-25T09:00:00Z"), UTC, Duration.ofHours(24)))
                .isEmpty();
        assertThat(CronTimes.parse("0 8 * * *")
                        .last(Instant.parse("2026-11-25T09:00:00Z"), UTC, Duration.ofMinutes(59)))
                .isEmpty();
    }

    @Test
    void theClockIsThatOfItsZone() {
        assertThat(CronTimes.parse("0 8 * * *")
                        .last(Instant.parse("2026-07-01T09:00:00Z"), BERLIN, Duration.ofHours(24)))
                .contains(Instant.parse("2026-07-01T06:00:00Z"));
    }

    @Test
    void aTimeThatTheZoneSkipsComesLater() {
        assertThat(CronTimes.parse("30 2 * * *")
                        .last(Instant.parse("2026-03-29T05:00:00Z"), BERLIN, Duration.ofHours(12)))
                .contains(Instant.parse("2026-03-29T01:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "5-1 * * * *",
                "*/0 * * * *",
                "a * * * *",
                "1,,2 * * * *",
                "1/2/3 * * * *",
                "-1 * * * *"
            })
    void whatIsNoCronIsRefused(String text) {
        assertThatThrownBy(() -> CronTimes.parse(text))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> assertThat(e.detail()).startsWith("cron: '" + text).contains("(expected: "));
    }

    @Test
    void theMostOfWhatIsOpenIsWarm() {
        Warmth warmth = new Warmth(
                Warmth.Keep.LEARNED,
                1,
                List.of(
                        new WarmWindow(CronTimes.parse("0 8 * * *"), Duration.ofHours(10), UTC, 3),
                        new WarmWindow(CronTimes.parse("0 12 * * *"), Duration.ofHours(1), UTC, 5)));
        assertThat(warmth.warmAt(Instant.parse("2026-11-25T07:59:59Z"))).isEqualTo(1);
        assertThat(warmth.warmAt(Instant.parse("2026-11-25T08:00:00Z"))).isEqualTo(3);
        assertThat(warmth.warmAt(Instant.parse("2026-11-25T12:30:00Z"))).isEqualTo(5);
        assertThat(warmth.warmAt(Instant.parse("2026-11-25T13:00:00Z"))).isEqualTo(3);
        assertThat(warmth.warmAt(Instant.parse("2026-11-25T18:00:00Z"))).isEqualTo(1);
    }
}
