package dev.mayfly.control.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.api.json.InstanceJson;
import dev.mayfly.control.api.json.PoolJson;
import dev.mayfly.control.deploy.FakeInstances;
import dev.mayfly.control.deploy.Platform;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.LifeStep;
import dev.mayfly.runtime.health.Health;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ClusterViewsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final AppRef SHOP = AppRef.of("local", "shop");
    private static final TenantName LOCAL = SHOP.tenant();
    private static final AppUrls URLS = new AppUrls("localhost", "http", 8080);

    /** Two servers that hear each other at once. */
    private final Map<String, String> announced = new ConcurrentHashMap<>();

    @Test
    void eachServerShowsHowTheInstancesOfAllLived() throws Exception {
        FakeInstances ones = new FakeInstances();
        ones.shown = List.of(instance("ins_1", "one", Optional.empty()));
        FakeInstances twos = new FakeInstances();
        twos.shown = List.of(
                instance("dead_2", "two", Optional.of(NOON.plusSeconds(2))),
                instance("dead_1", "two", Optional.of(NOON.plusSeconds(1))));
        try (ClusterInstances one = new ClusterInstances(new Paired("one"), ones, URLS, new Health());
                ClusterInstances two = new ClusterInstances(new Paired("two"), twos, URLS, new Health())) {
            Platform.await(
                    "each knows of the other's",
                    () -> one.ofTenant(LOCAL, 30).size() == 3
                            && two.ofTenant(LOCAL, 30).size() == 3);
            List<InstanceJson> seen = two.ofApp(SHOP, 1);
            assertThat(seen).extracting(InstanceJson::id).containsExactly("ins_1", "dead_2");
            assertThat(seen.getFirst().life()).containsExactly(new InstanceJson.Step("generic", NOON));
            assertThat(two.living(SHOP)).isEqualTo(1);
            assertThat(two.living(AppRef.of("local", "other"))).isZero();
            assertThat(two.ofApp(AppRef.of("local", "other"), 30)).isEmpty();
            assertThat(two.ofTenant(new TenantName("foreign"), 30)).isEmpty();
            // What is told anew is seen anew.
            ones.shown = List.of();
            Platform.await("it is gone", () -> two.living(SHOP) == 0);
        }
    }

    @Test
    void tellsTheOthersOfABoundedNumberOfDead() throws Exception {
        FakeInstances ones = new FakeInstances();
        List<InstanceView> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            many.add(instance("dead_" + i, "one", Optional.of(NOON.plusSeconds(i))));
        }
        ones.shown = many;
        try (ClusterInstances one = new ClusterInstances(new Paired("one"), ones, URLS, new Health());
                ClusterInstances two =
                        new ClusterInstances(new Paired("two"), new FakeInstances(), URLS, new Health())) {
            Platform.await("the other knows", () -> !two.ofTenant(LOCAL, 1_000).isEmpty());
            assertThat(two.ofTenant(LOCAL, 1_000)).hasSize(200);
            assertThat(two.ofTenant(LOCAL, 1).getFirst().id()).isEqualTo("dead_299");
            assertThat(one.ofTenant(LOCAL, 1_000)).hasSize(300);
        }
    }

    @Test
    void eachServerShowsThePoolsOfAllByName() throws Exception {
        FakeInstances instances = new FakeInstances();
        try (ClusterPools two = new ClusterPools(new Paired("two"), instances::pool, new Health());
                ClusterPools one = new ClusterPools(new Paired("one"), instances::pool, new Health())) {
            Platform.await(
                    "each knows the other's",
                    () -> one.list().size() == 2 && two.list().size() == 2);
            assertThat(two.list()).extracting(PoolJson::server).containsExactly("one", "two");
        }
    }

    private static InstanceView instance(String id, String server, Optional<Instant> diedAt) {
        return new InstanceView(
                id,
                new ReleaseRef(SHOP, 1),
                server,
                "native",
                diedAt.isPresent() ? InstanceState.REAPED : InstanceState.READY,
                0,
                0,
                NOON,
                Optional.of(NOON.plusSeconds(1)),
                Optional.empty(),
                diedAt,
                Optional.empty(),
                Optional.empty(),
                List.of(new LifeStep(LifeStage.GENERIC, NOON)));
    }

    private final class Paired implements Cluster {
        private final String self;

        Paired(String self) {
            this.self = self;
        }

        @Override
        public String self() {
            return self;
        }

        @Override
        public List<String> members() {
            return List.of("one", "two");
        }

        @Override
        public void broadcast(String json) {
            throw new IllegalStateException("no events here");
        }

        @Override
        public AutoCloseable listen(Consumer<String> listener) {
            throw new IllegalStateException("no events here");
        }

        @Override
        public void announce(String key, String json) {
            announced.put(key + "/" + self, json);
        }

        @Override
        public List<String> others(String key) {
            return announced.entrySet().stream()
                    .filter(each -> each.getKey().startsWith(key + "/")
                            && !each.getKey().equals(key + "/" + self))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }
}
