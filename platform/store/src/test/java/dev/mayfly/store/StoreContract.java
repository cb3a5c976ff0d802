package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.CronTimes;
import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.TenantName;
import dev.mayfly.model.WarmWindow;
import dev.mayfly.model.Warmth;
import dev.mayfly.store.Releases.NewRelease;
import dev.mayfly.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every database must do. Each test has tenants and apps of its own, so that they can share one. */
abstract class StoreContract {
    private static final AtomicInteger NEXT = new AtomicInteger();

    @TempDir
    Path data;

    final ManualClock clock = new ManualClock(Instant.parse("2026-11-24T12:00:00Z"));
    Store store;
    AppRef app;

    abstract StoreConfig config(Path folder);

    @BeforeEach
    void open() {
        store = Store.open(config(data), clock);
        app = AppRef.of("tenant-" + NEXT.incrementAndGet(), "shop");
        store.tenants().create(app.tenant());
        store.apps().create(app);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void takesANameOnceButInEveryTenant() {
        assertThat(store.apps().create(app)).isEmpty();
        AppRef other = AppRef.of(app.tenant().value() + "b", "shop");
        store.tenants().create(other.tenant());
        assertThat(store.apps().create(other)).isPresent();
        assertThat(store.apps().list(app.tenant())).hasSize(1);
    }

    @Test
    void failsPendingReleasesThatNobodyDeploysAnyMore() {
        Releases.Release pending = store.releases().create(release("sha256:1"));
        DeployLeases.Lease lease =
                store.deployLeases().tryTake(app, "srv", Duration.ofMinutes(1)).orElseThrow();
        store.releases().failAbandoned();
        assertThat(store.releases().find(app, pending.version()).orElseThrow().state())
                .isEqualTo(Releases.State.PENDING);
        store.deployLeases().release(lease);
        store.releases().failAbandoned();
        assertThat(store.releases().find(app, pending.version()).orElseThrow().state())
                .isEqualTo(Releases.State.FAILED);
    }

    @Test
    void showsNothingToAnotherTenant() {
        Releases.Release release = store.releases().create(release("sha256:1"));
        store.builds().create("bld_1", app, "c", "t", "dev", "srv", clock.instant());
        AppRef foreign = new AppRef(new TenantName("somebody-else"), app.app());
        assertThat(store.apps().find(foreign.tenant(), foreign.app())).isEmpty();
        assertThat(store.releases().find(foreign, release.version())).isEmpty();
        assertThat(store.builds().find(foreign, "bld_1")).isEmpty();
        assertThat(store.configs().latest(foreign).values()).isEmpty();
    }

    @Test
    void numbersReleasesWithoutGapsOrDoublesUnderConcurrency() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> tasks = IntStream.range(0, 20)
                    .<Callable<Integer>>mapToObj(i -> () ->
                            store.releases().create(release("sha256:" + i)).version())
                    .toList();
            List<Integer> versions = threads.invokeAll(tasks).stream()
                    .map(future -> future.resultNow())
                    .sorted()
                    .toList();
            assertThat(versions).isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
        }
    }

    @Test
    void readsAReleaseBackAsItWasWritten() {
        List<Destination> list = List.of(new Destination("db.example.com", 5432), new Destination("2001:db8::7", 443));
        for (EgressPolicy egress : List.of(EgressPolicy.OPEN, EgressPolicy.NONE, new EgressPolicy.Only(list))) {
            AppSpec d = AppSpec.DEFAULTS;
            Warmth warmth = new Warmth(
                    Warmth.Keep.LEARNED,
                    2,
                    List.of(new WarmWindow(
                            CronTimes.parse("0 8 * * mon-fri"),
                            Duration.ofSeconds(90),
                            ZoneId.of("Europe/Berlin"),
                            5)));
            Limits limits = new Limits(
                    512,
                    1.0,
                    512,
                    64,
                    50,
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(300),
                    OptionalInt.of(50));
            AppSpec spec = new AppSpec(
                    AppKind.FUNCTION, egress, limits, d.healthPath(), d.runtimeClass(), Isolation.REQUEST, warmth);
            NewRelease written = release("sha256:abc", spec);
            int version = store.releases().create(written).version();
            assertThat(store.releases().find(app, version))
                    .hasValueSatisfying(read -> assertThat(read.of()).isEqualTo(written));
        }
    }

    @Test
    void switchesStatesAndRoutesTogether() {
        DeployLeases.Lease lease = lease("one");
        Releases.Release first = store.releases().create(release("sha256:1"));
        store.releases().switchTo(first.ref(), List.of("shop.a.localhost", "www.a.example"), lease);
        Releases.Release second = store.releases().create(release("sha256:2"));
        assertThat(store.releases().live(app).orElseThrow().version()).isEqualTo(1);
        store.releases().switchTo(second.ref(), List.of("shop.a.localhost"), lease);
        assertThat(store.releases().live(app).orElseThrow().version()).isEqualTo(2);
        assertThat(store.releases().find(app, 1).orElseThrow().state()).isEqualTo(Releases.State.SUPERSEDED);
        assertThat(store.releases().routes().stream()
                        .filter(route -> route.release().app().equals(app)))
                .singleElement()
                .satisfies(route -> assertThat(route.release().version()).isEqualTo(2));
    }

    @Test
    void refusesTheSwitchOfAHolderThatWasOvertaken() {
        DeployLeases.Lease late = lease("late");
        Releases.Release release = store.releases().create(release("sha256:1"));
        clock.advance(Duration.ofMinutes(2));
        DeployLeases.Lease fresh = lease("fresh");
        assertThat(fresh.fence()).isGreaterThan(late.fence());
        assertThatThrownBy(() -> store.releases().switchTo(release.ref(), List.of("h.localhost"), late))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        assertThat(store.releases().live(app)).isEmpty();
        assertThat(store.deployLeases().renew(late, Duration.ofMinutes(1))).isFalse();
    }

    @Test
    void leasesToOneHolderAtATime() {
        DeployLeases.Lease one = lease("one");
        assertThat(store.deployLeases().tryTake(app, "two", Duration.ofMinutes(1)))
                .isEmpty();
        store.deployLeases().release(one);
        assertThat(store.deployLeases().tryTake(app, "two", Duration.ofMinutes(1)))
                .isPresent();
    }

    @Test
    void freesWhatADeadServerHeld() {
        lease("dead");
        store.deployLeases().releaseAllOf("dead");
        assertThat(store.deployLeases().tryTake(app, "next", Duration.ofMinutes(1)))
                .isPresent();
    }

    @Test
    void keepsConfigurationInVersionsAndRefusesLostUpdates() {
        store.configs().put(app, 0, Map.of("A", "1"), "dev");
        store.configs().put(app, 1, Map.of("A", "2", "B", "ü"), "dev");
        assertThat(store.configs().latest(app)).isEqualTo(new Configs.Config(2, Map.of("A", "2", "B", "ü")));
        assertThat(store.configs().version(app, 1).values()).containsOnly(Map.entry("A", "1"));
        assertThatThrownBy(() -> store.configs().put(app, 1, Map.of(), "dev"))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PRECONDITION_FAILED));
    }

    @Test
    void theFirstEndOfABuildCounts() {
        store.builds().create("bld_9", app, "commit", "tree", "dev", "srv-" + app.tenant(), clock.instant());
        assertThat(store.builds().start(app, "bld_9", clock.instant())).isTrue();
        assertThat(store.builds().unfinishedOf("srv-" + app.tenant())).hasSize(1);
        var failure = Optional.of(new Builds.Failure("build.failed", "build", "exit code 1"));
        assertThat(store.builds()
                        .end(
                                app,
                                "bld_9",
                                Builds.State.FAILED,
                                Map.of("build", 12L),
                                failure,
                                Optional.empty(),
                                clock.instant()))
                .isTrue();
        assertThat(store.builds()
                        .end(
                                app,
                                "bld_9",
                                Builds.State.SUCCEEDED,
                                Map.of(),
                                Optional.empty(),
                                Optional.of(1),
                                clock.instant()))
                .isFalse();
        Builds.Build read = store.builds().find(app, "bld_9").orElseThrow();
        assertThat(read.state()).isEqualTo(Builds.State.FAILED);
        assertThat(read.failure()).isEqualTo(failure);
        assertThat(read.phases()).containsEntry("build", 12L);
        assertThat(store.builds().start(app, "bld_9", clock.instant())).isFalse();
    }

    @Test
    void deletesAnAppWithAllThatBelongsToIt() {
        Releases.Release release = store.releases().create(release("sha256:1"));
        store.releases().switchTo(release.ref(), List.of("gone.localhost"), lease("one"));
        assertThat(store.apps().delete(app)).isTrue();
        assertThat(store.releases().routes())
                .noneMatch(route -> route.release().app().equals(app));
        assertThatThrownBy(() -> store.releases().create(release("sha256:2"))).isInstanceOf(MayflyException.class);
    }

    @Test
    void survivesBeingOpenedAgain() {
        store.configs().put(app, 0, Map.of("KEY", "value"), "dev");
        store.close();
        store = Store.open(config(data), clock);
        assertThat(store.configs().latest(app).values()).containsEntry("KEY", "value");
    }

    private DeployLeases.Lease lease(String holder) {
        return store.deployLeases().tryTake(app, holder, Duration.ofMinutes(1)).orElseThrow();
    }

    @Test
    void keepsTheNewestRecordsAndImagesOfEachAppAlone() {
        DeployLeases.Lease lease =
                store.deployLeases().tryTake(app, "srv", Duration.ofMinutes(1)).orElseThrow();
        String image = "sha256:" + app.tenant() + "-";
        for (int version = 1; version <= 5; version++) {
            store.configs().put(app, version - 1, Map.of("A", String.valueOf(version)), "dev");
            Releases.Release release = store.releases().create(release(image + version));
            store.releases().switchTo(release.ref(), List.of(app.tenant() + ".localhost"), lease);
            store.builds().create("bld_" + app.tenant() + version, app, "c", "t", "dev", "srv", clock.instant());
            store.builds()
                    .end(
                            app,
                            "bld_" + app.tenant() + version,
                            Builds.State.FAILED,
                            Map.of(),
                            Optional.empty(),
                            Optional.empty(),
                            clock.instant());
            clock.advance(Duration.ofSeconds(1));
        }
        store.releases().create(release(image + "pending"));
        assertThat(store.releases().keptImages(2))
                .contains(image + "5", image + "4", image + "pending")
                .doesNotContain(image + "3");
        assertThat(store.releases().keptImages(app.tenant(), 2)).containsExactlyInAnyOrder(image + "5", image + "4");
        assertThat(store.releases().served(app, 3)).containsExactly(5, 4, 3);

        assertThat(store.builds().deleteBeyond(3)).isGreaterThanOrEqualTo(2);
        assertThat(store.builds().list(app, 10)).hasSize(3);
        assertThat(store.builds().existing(List.of("bld_" + app.tenant() + 2, "bld_" + app.tenant() + 3)))
                .containsExactly("bld_" + app.tenant() + 3);
        assertThat(store.builds().existing(List.of())).isEmpty();
        store.releases().deleteBeyond(2); // Superseded are 1 to 4.
        assertThat(store.releases().list(app, 10))
                .extracting(Releases.Release::version)
                .containsExactly(6, 5, 4, 3);
        store.configs().deleteBeyond(2); // The releases here all name version 0.
        assertThat(store.configs().version(app, 4).values()).containsEntry("A", "4");
        assertThat(store.configs().version(app, 0).values()).isEmpty();
        assertThatThrownBy(() -> store.configs().version(app, 3)).isInstanceOf(MayflyException.class);
    }

    NewRelease release(String image) {
        return release(image, AppSpec.DEFAULTS);
    }

    private NewRelease release(String image, AppSpec spec) {
        return new NewRelease(
                app,
                image,
                0,
                Map.of("web", new ProcessSpec(List.of("/bin/app", "-x"), Map.of("PATH", "/bin"), "/workspace")),
                spec,
                "deploy",
                "Deploy abc",
                "admin",
                Optional.of("abc"),
                Optional.empty());
    }
}
