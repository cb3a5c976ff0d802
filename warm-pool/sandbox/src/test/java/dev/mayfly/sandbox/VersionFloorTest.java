package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class VersionFloorTest {
    @Test
    void versionsAreComparedByTheirNumbers() {
        assertThat(VersionFloor.isOlder("1.1.5+ds1", 1, 3, 6)).isTrue();
        assertThat(VersionFloor.isOlder("1.3.6+ds1-1", 1, 3, 6)).isFalse();
        assertThat(VersionFloor.isOlder("1.4", 1, 3, 6)).isFalse();
        assertThat(VersionFloor.isOlder("1.3", 1, 3, 6)).isTrue();
        assertThat(VersionFloor.isOlder("28.5.2+dfsg4", 29, 4, 3)).isTrue();
        assertThat(VersionFloor.isOlder("29.10.0", 29, 4, 3)).isFalse();
        assertThat(VersionFloor.isOlder("1.3.6-rc.1", 1, 3, 6)).isTrue();
        assertThat(VersionFloor.isOlder("99999999999999999999.1", 1, 3, 6)).isFalse();
        assertThat(VersionFloor.isOlder("nothing", 1, 3, 6)).isTrue();
    }
}
