package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OciClassTest {
    @Test
    void theVersionsOfDebian12AreTooOldForStrangersCode() {
        assertThat(of("runc", "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\ngo: go1.19.8\n"))
                .hasValueSatisfying(why -> assertThat(why).contains("older than 1.3.6"));
        assertThat(of("crun", "crun version 1.8.1\ncommit: f8a096be\nrundir: /run/crun\nspec: 1.0.0\n"))
                .hasValueSatisfying(why -> assertThat(why).contains("older than 1.20.0"));
        assertThat(of("runsc", "runsc version release-20221219.0\nspec: 1.0.2\n"))
                .hasValueSatisfying(why -> assertThat(why).contains("from 2022"));
        assertThat(of("runsc", "runsc version 0.0~20221219.0\nspec: 1.0.2\n"))
                .hasValueSatisfying(why -> assertThat(why).contains("from 2022"));
    }

    @Test
    void newerOnesAreNot() {
        assertThat(of("runc", "runc version 1.3.6\nspec: 1.2.1\n")).isEmpty();
        assertThat(of("runc", "runc version 1.4.3\n")).isEmpty();
        assertThat(of("runc", "runc version 1.5.0\n")).isEmpty();
        assertThat(of("crun", "crun version 1.28\n")).isEmpty();
        assertThat(of("runsc", "runsc version release-20250901.0\nspec: 1.1.0-rc.1\n"))
                .isEmpty();
        assertThat(of("kata", "kata-runtime  : 3.2.0\n   commit   : 1\n")).isEmpty();
    }

    @Test
    void newerThanAnOldFloorMayStillBeOpen() {
        assertThat(of("runc", "runc version 1.4.2\n")).isPresent();
        assertThat(of("runc", "runc version 1.4.0-rc.1+dev\n")).isPresent();
    }

    @Test
    void whatDoesNotSayWhatItIsCountsAsOld() {
        assertThat(of("runc", "runc version unknown\n")).contains("its version cannot be read");
        assertThat(of("runsc", "runsc version 1.2.3\n")).contains("its version has no date");
        assertThat(of("crun", "")).isPresent();
    }

    private static Optional<String> of(String name, String said) {
        OciClass kind = OciClass.valueOf(name.toUpperCase(Locale.ROOT));
        return OciClass.version(said).map(kind::tooOld).orElseGet(kind::withoutVersion);
    }
}
