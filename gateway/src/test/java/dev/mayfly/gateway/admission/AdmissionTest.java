package dev.mayfly.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private static final AppRef SHOP = AppRef.of("local", "shop");
    private static final AppRef BLOG = AppRef.of("local", "blog");

    private final Admission admission = new Admission(3, 2);

    @Test
    void anAppHasItsShareAndWhoLeavesMakesRoom() {
        assertThat(admission.enter(SHOP)).isNull();
        assertThat(admission.enter(SHOP)).isNull();
        assertThat(admission.enter(SHOP)).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(admission.inFlight()).isEqualTo(2);
        admission.leave(SHOP);
        assertThat(admission.enter(SHOP)).isNull();
    }

    @Test
    void allAppsShareTheWhole() {
        assertThat(admission.enter(SHOP)).isNull();
        assertThat(admission.enter(BLOG)).isNull();
        assertThat(admission.enter(BLOG)).isNull();
        assertThat(admission.enter(SHOP)).isEqualTo(ErrorCode.CAPACITY_EXHAUSTED);
        assertThat(admission.inFlight()).isEqualTo(3);
        admission.leave(BLOG);
        assertThat(admission.enter(SHOP)).isNull();
    }
}
