package dev.mayfly.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.ReleaseToRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RouteTableTest {
    private static final AppRef APP = AppRef.of("local", "shop");

    private final RouteTable routes = new RouteTable();

    private static ReleaseToRun release(int version) {
        return new ReleaseToRun(
                new ReleaseRef(APP, version),
                "sha256:0",
                new ProcessSpec(List.of("/bin/true"), Map.of(), "/"),
                Map.of(),
                AppSpec.DEFAULTS);
    }

    @Test
    void aHostLeadsWhereItWasLastPut() {
        routes.putNotDeployed("Shop.example", APP);
        assertThat(routes.find("shop.example")).isEqualTo(new Route.NotDeployed(APP));
        routes.put("shop.example", release(1));
        routes.put("SHOP.example", release(2));
        assertThat(routes.find("shop.example")).isEqualTo(new Route.ToRelease(release(2)));
        routes.remove("shop.EXAMPLE");
        assertThat(routes.find("shop.example")).isNull();
    }

    @Test
    void whatIsNoHostIsRefused() {
        assertThatThrownBy(() -> routes.put("no host", release(1))).hasMessageContaining("no host");
        assertThatThrownBy(() -> routes.remove("")).isInstanceOf(IllegalArgumentException.class);
    }
}
