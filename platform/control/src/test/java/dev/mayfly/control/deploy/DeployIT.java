package dev.mayfly.control.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Releases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From a pushed tree to a release that serves, over a real database. */
@Timeout(60)
final class DeployIT {
    private static final String HOST = "shop.local.localhost";

    @TempDir
    Path data;

    private Platform platform;
    private AppRef app;

    @BeforeEach
    void open() {
        platform = new Platform(data);
        app = platform.app("shop");
    }

    @AfterEach
    void close() {
        platform.close();
    }

    @Test
    void aTenantHasOnlySoManyApps() {
        AppRef last = platform.app("app-0");
        for (int i = platform.store.apps().list(last.tenant()).size(); i < Platform.KEEP.tenantAppsMax(); i++) {
            last = platform.app("app-" + i);
        }
        assertThatThrownBy(() -> platform.app("more"))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED));
        platform.store.apps().delete(last);
        platform.app("more");
    }

    @Test
    void aDeployIsLiveOnlyAfterItsInstanceIsHealthy() throws Exception {
        DeployResult result = platform.deploy(app, "c1");
        assertThat(result).isInstanceOfSatisfying(DeployResult.Live.class, live -> {
            assertThat(live.version()).isEqualTo(1);
            assertThat(live.url()).isEqualTo("http://" + HOST + ":8080/");
        });
        assertThat(platform.instances.calls).containsExactly("start v1", "retire but v1");
        assertThat(platform.routes).containsEntry(HOST, liveImage());
        Builds.Build build = platform.newestBuild(app);
        assertThat(build.state()).isEqualTo(Builds.State.SUCCEEDED);
        assertThat(build.release()).contains(1);
        assertThat(build.phases()).containsKeys("build", "launch");
        assertThat(log(build)).contains("-----> Built", "-----> Released v1");
    }

    @Test
    void aFailedBuildChangesNothingAndSaysWhy() throws Exception {
        platform.deploy(app, "c1");
        String before = liveImage();
        platform.engine.next((_, _) -> new BuildResult.Failed(ErrorCode.BUILD_FAILED, "build", "npm said no"));
        assertThat(platform.deploy(app, "c2"))
                .isEqualTo(new DeployResult.Rejected(
                        ErrorCode.BUILD_FAILED,
                        "npm said no",
                        Optional.of(platform.newestBuild(app).id())));
        assertThat(platform.newestBuild(app).failure())
                .contains(new Builds.Failure("build.failed", "build", "npm said no"));
        assertThat(platform.store.releases().list(app, 9)).hasSize(1);
        assertThat(platform.routes).containsEntry(HOST, before);
    }

    @Test
    void anUnhealthyReleaseFailsAndTheOldOneServesOn() throws Exception {
        platform.deploy(app, "c1");
        platform.instances.healthy(false);
        assertThat(platform.deploy(app, "c2")).isInstanceOf(DeployResult.Rejected.class);
        assertThat(states()).containsExactly("v2 failed", "v1 live");
        assertThat(platform.routes).containsEntry(HOST, liveImage());
        assertThat(platform.instances.calls).doesNotContain("retire but v2");
    }

    @Test
    void deploysOfAnAppTakeTurnsAndSayHowManyAreBefore() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        platform.engine.holdNext(runs, mayEnd);
        Platform.Deploying one = platform.start(app, "c1");
        runs.await();
        Platform.Deploying two = platform.start(app, "c2");
        Platform.await(
                "the second waits", () -> two.lines().contains("-----> Waiting for 1 earlier deploy(s) of this app"));
        Platform.Deploying three = platform.start(app, "c3");
        Platform.await(
                "the third waits", () -> three.lines().contains("-----> Waiting for 2 earlier deploy(s) of this app"));
        mayEnd.countDown();
        assertThat(one.result().get()).isInstanceOf(DeployResult.Live.class);
        assertThat(two.result().get()).isInstanceOf(DeployResult.Live.class);
        assertThat(three.result().get()).isInstanceOf(DeployResult.Live.class);
        assertThat(states()).containsExactly("v3 live", "v2 superseded", "v1 superseded");
    }

    @Test
    void moreThanTwentyDoNotWait() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        platform.engine.holdNext(runs, mayEnd);
        List<Platform.Deploying> all = new ArrayList<>();
        all.add(platform.start(app, "c0"));
        runs.await();
        for (int waiting = 1; waiting <= 20; waiting++) {
            Platform.Deploying next = platform.start(app, "c" + waiting);
            Platform.await("it waits", () -> !next.lines().isEmpty());
            all.add(next);
        }
        assertThat(platform.deploy(app, "c21"))
                .isInstanceOfSatisfying(
                        DeployResult.Rejected.class,
                        why -> assertThat(why.code()).isEqualTo(ErrorCode.QUOTA_EXCEEDED));
        mayEnd.countDown();
        for (Platform.Deploying each : all) {
            assertThat(each.result().get()).isInstanceOf(DeployResult.Live.class);
        }
    }

    @Test
    void cancellingEndsTheBuildInTheBooksWhateverItWasDoing() throws Exception {
        for (int round = 0; round < 30; round++) {
            CountDownLatch writes = new CountDownLatch(3);
            platform.engine.next((_, output) -> {
                while (!Thread.currentThread().isInterrupted()) {
                    output.detail("still building");
                    writes.countDown();
                }
                throw new InterruptedException();
            });
            Platform.Deploying deploying = platform.start(app, "c" + round);
            writes.await();
            deploying.thread().interrupt();
            assertThatThrownBy(() -> deploying.result().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(platform.newestBuild(app).state()).isEqualTo(Builds.State.CANCELLED);
            assertThat(log(platform.newestBuild(app))).endsWith(" !     Cancelled");
        }
        assertThat(platform.deploy(app, "after")).isInstanceOf(DeployResult.Live.class);
    }

    @Test
    void cancellingAtAnyMomentLeavesEitherReleaseWholeAndTheDatabaseOpen() throws Exception {
        int lives = 0;
        for (int round = 0; round < 60; round++) {
            Platform.Deploying deploying = platform.start(app, "c" + round);
            long until = System.nanoTime() + round * 250_000L;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            deploying.thread().interrupt();
            deploying.thread().join();
            Builds.Build build = platform.newestBuild(app);
            assertThat(build.state()).isIn(Builds.State.CANCELLED, Builds.State.SUCCEEDED);
            lives += build.state() == Builds.State.SUCCEEDED ? 1 : 0;
            assertThat(states()).noneMatch(state -> state.endsWith("pending"));
        }
        assertThat(platform.deploy(app, "after")).isInstanceOf(DeployResult.Live.class);
        assertThat(states().stream().filter(state -> !state.endsWith("failed"))).hasSize(lives + 1);
    }

    @Test
    void aBuildThatWaitsCanBeCancelledById() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        platform.engine.holdNext(runs, mayEnd);
        Platform.Deploying one = platform.start(app, "c1");
        runs.await();
        Platform.Deploying two = platform.start(app, "c2");
        Platform.await("the second waits", () -> !two.lines().isEmpty());
        assertThat(platform.deployer.cancel(platform.newestBuild(app).id())).isTrue();
        assertThatThrownBy(() -> two.result().get()).hasCauseInstanceOf(InterruptedException.class);
        assertThat(platform.newestBuild(app).state()).isEqualTo(Builds.State.CANCELLED);
        mayEnd.countDown();
        assertThat(one.result().get()).isInstanceOf(DeployResult.Live.class);
        assertThat(platform.deployer.cancel("bld_unknown")).isFalse();
    }

    @Test
    void aConfigChangeDuringADeployKeepsTheNewCode() throws Exception {
        platform.deploy(app, "old");
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        platform.engine.holdNext(runs, mayEnd);
        Platform.Deploying deploying = platform.start(app, "new");
        runs.await();
        CompletableFuture<AppService.ConfigChange> change = CompletableFuture.supplyAsync(() -> set("A", "1"));
        Platform.await(
                "it is written", () -> platform.store.configs().latest(app).version() == 1);
        mayEnd.countDown();
        deploying.result().get();
        change.get(10, TimeUnit.SECONDS);
        Releases.Release live = platform.store.releases().live(app).orElseThrow();
        assertThat(live.of().commit()).contains("new");
        assertThat(live.of().configVersion()).isEqualTo(1);
    }

    @Test
    void aConfigChangeDuringTheFirstBuildReachesTheFirstRelease() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        platform.engine.holdNext(runs, mayEnd);
        Platform.Deploying deploying = platform.start(app, "first");
        runs.await();
        CompletableFuture<AppService.ConfigChange> change = CompletableFuture.supplyAsync(() -> set("A", "1"));
        Platform.await(
                "it is written", () -> platform.store.configs().latest(app).version() == 1);
        mayEnd.countDown();
        deploying.result().get();
        assertThat(change.get(10, TimeUnit.SECONDS).release()).contains(1);
        assertThat(platform.store.releases().live(app).orElseThrow().of().configVersion())
                .isEqualTo(1);
    }

    @Test
    void concurrentConfigChangesAreAllInTheReleaseThatServes() throws Exception {
        platform.deploy(app, "c1");
        List<CompletableFuture<AppService.ConfigChange>> changes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String name = "K" + i;
            changes.add(CompletableFuture.supplyAsync(() -> set(name, "v")));
        }
        for (CompletableFuture<AppService.ConfigChange> each : changes) {
            each.get(20, TimeUnit.SECONDS);
        }
        int version = platform.store.releases().live(app).orElseThrow().of().configVersion();
        assertThat(version).isEqualTo(platform.store.configs().latest(app).version());
        assertThat(platform.store.configs().version(app, version).values())
                .containsOnlyKeys("K0", "K1", "K2", "K3", "K4", "K5");
    }

    @Test
    void aConfigChangeOfWhatSomebodyElseChangedIsRefused() {
        set("A", "1");
        assertCode(
                () -> platform.apps.changeConfig(app, Map.of("A", "2"), Set.of(), Optional.of(0), "dev"),
                ErrorCode.PRECONDITION_FAILED);
        assertCode(
                () -> platform.apps.changeConfig(app, Map.of("A", "1"), Set.of(), Optional.of(0), "dev"),
                ErrorCode.PRECONDITION_FAILED);
        assertCode(() -> set("PORT", "1"), ErrorCode.INVALID_REQUEST);
        assertThat(platform.store.configs().latest(app).values()).isEqualTo(Map.of("A", "1"));
    }

    @Test
    void aConfigurationThatDoesNotStartIsToldAndTheOldReleaseServesOn() throws Exception {
        platform.deploy(app, "c1");
        platform.instances.healthy(false);
        assertCode(() -> set("A", "1"), ErrorCode.RELEASE_UNHEALTHY);
        assertThat(states()).containsExactly("v2 failed", "v1 live");
        platform.instances.healthy(true);
        assertThat(set("A", "1").release())
                .as("the same again, now that it starts")
                .contains(3);
    }

    @Test
    void aRollbackGoesBackAsFarAsImagesAreKeptAndNoFurther() throws Exception {
        int kept = KeepConfig.DEFAULTS.releases();
        for (int version = 1; version <= kept + 1; version++) {
            platform.deploy(app, "c" + version);
        }
        assertCode(() -> platform.apps.rollback(app, Optional.of(1), "dev"), ErrorCode.CONFLICT);
        assertThat(platform.store.releases().keptImages(kept)).hasSize(kept);
        assertThat(platform.apps.rollback(app, Optional.of(2), "dev")).isEqualTo(kept + 2);
    }

    /** Its thread could not write its end down, as the database was away. */
    @Test
    void aBuildWhoseEndWasLostEndsAllTheSame() {
        platform.store.builds().create("bld_lost", app, "c", "t", "dev", "one", Instant.now());
        platform.store.builds().create("bld_other", app, "c", "t", "dev", "two", Instant.now());
        assertThat(platform.deployer.endLost(ErrorCode.STORE_UNAVAILABLE, "lost"))
                .isEqualTo(1);
        assertThat(platform.store.builds().find(app, "bld_lost").orElseThrow().state())
                .isEqualTo(Builds.State.FAILED);
        assertThat(platform.store.builds().find(app, "bld_other").orElseThrow().state())
                .isEqualTo(Builds.State.QUEUED);
    }

    @Test
    void anErrorOfTheServerEndsTheBuildToo() throws Exception {
        platform.engine.next((_, _) -> {
            throw new StackOverflowError("of the test");
        });
        assertThat(platform.deploy(app, "c1"))
                .isInstanceOfSatisfying(
                        DeployResult.Rejected.class,
                        why -> assertThat(why.code()).isEqualTo(ErrorCode.INTERNAL));
        assertThat(platform.newestBuild(app).state()).isEqualTo(Builds.State.FAILED);
        assertThat(platform.deploy(app, "c2")).isInstanceOf(DeployResult.Live.class);
    }

    @Test
    void refreshingRoutesNeverTakesOneAwayThatServes() throws Exception {
        platform.deploy(app, "c1");
        platform.app("empty");
        List<String> puts = new CopyOnWriteArrayList<>();
        platform.onRoute = (host, to) -> puts.add(host + " " + to);
        platform.apps.refreshRoutes();
        assertThat(puts).containsExactlyInAnyOrder(HOST + " " + liveImage(), "empty.local.localhost none");
    }

    /** It read the books before the deploy and puts the route after it. */
    @Test
    void aRefreshThatMeetsADeployLeavesTheNewReleaseServing() throws Exception {
        platform.deploy(app, "c1");
        AtomicBoolean met = new AtomicBoolean();
        platform.onRoute = (host, to) -> {
            if (met.compareAndSet(false, true)) {
                platform.start(app, "c2").result().get();
            }
        };
        platform.apps.refreshRoute(app);
        assertThat(states()).containsExactly("v2 live", "v1 superseded");
        assertThat(platform.routes).containsEntry(HOST, liveImage());
        assertThat(platform.instances.calls)
                .containsExactly("start v1", "retire but v1", "start v2", "retire but v2", "retire but v2");
    }

    @Test
    void aRefreshThatMeetsTheEndOfAnAppLeavesNoRoute() throws Exception {
        platform.deploy(app, "c1");
        AtomicBoolean met = new AtomicBoolean();
        platform.onRoute = (host, to) -> {
            if (met.compareAndSet(false, true)) {
                platform.apps.destroy(app);
            }
        };
        platform.apps.refreshRoute(app);
        assertThat(platform.routes).isEmpty();
    }

    @Test
    void aRollbackBringsImageAndConfigurationBack() throws Exception {
        platform.deploy(app, "c1");
        String first = liveImage();
        set("A", "1");
        platform.deploy(app, "c2");
        assertThat(platform.apps.rollback(app, Optional.of(1), "dev")).isEqualTo(4);
        Releases.Release live = platform.store.releases().live(app).orElseThrow();
        assertThat(live.of().image()).isEqualTo(first);
        assertThat(live.of().configVersion()).isZero();
        assertThat(live.of().reason()).isEqualTo("rollback");
        assertThat(platform.routes).containsEntry(HOST, first);
        assertCode(() -> platform.apps.rollback(app, Optional.of(4), "dev"), ErrorCode.CONFLICT);
        assertCode(() -> platform.apps.rollback(app, Optional.of(9), "dev"), ErrorCode.NOT_FOUND);
    }

    @Test
    void aStartFailsWhatTheLastServerLeftHalfDone() throws Exception {
        platform.deploy(app, "c1");
        Releases.NewRelease of =
                platform.store.releases().live(app).orElseThrow().of();
        platform.store.releases().create(of);
        platform.store.builds().create("bld_mine", app, "c", "t", "dev", "one", Instant.EPOCH);
        platform.store.builds().create("bld_theirs", app, "c", "t", "dev", "two", Instant.EPOCH);
        platform.routes.clear();
        platform.apps.recover();
        assertThat(states()).containsExactly("v2 failed", "v1 live");
        assertThat(platform.store.builds().find(app, "bld_mine").orElseThrow()).satisfies(build -> {
            assertThat(build.state()).isEqualTo(Builds.State.FAILED);
            assertThat(build.failure().orElseThrow().reason()).contains("server was stopped");
        });
        assertThat(platform.store.builds().find(app, "bld_theirs").orElseThrow().state())
                .isEqualTo(Builds.State.QUEUED);
        assertThat(platform.routes).containsEntry(HOST, of.image());
    }

    @Test
    void whatAnotherServerDeploysIsNotFailedByOurStart() throws Exception {
        platform.deploy(app, "c1");
        Releases.NewRelease of =
                platform.store.releases().live(app).orElseThrow().of();
        assertThat(platform.store.deployLeases().tryTake(app, "two", Duration.ofMinutes(1)))
                .isPresent();
        platform.store.releases().create(of);
        platform.apps.recover();
        assertThat(states()).containsExactly("v2 pending", "v1 live");
    }

    @Test
    void destroyingEndsADeployFirstAndLeavesNoLog() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        platform.engine.holdNext(runs, new CountDownLatch(1));
        Platform.Deploying deploying = platform.start(app, "c1");
        runs.await();
        platform.apps.destroy(app);
        assertThat(deploying.result()).failsWithin(Duration.ofSeconds(5));
        assertThat(platform.instances.calls).containsExactly("destroy shop");
        assertThat(platform.routes).isEmpty();
        try (var logs = Files.list(platform.builds)) {
            assertThat(logs).isEmpty();
        }
    }

    @Test
    void closingCancelsWhatGoesOnAndRefusesWhatComes() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        platform.engine.holdNext(runs, new CountDownLatch(1));
        Platform.Deploying deploying = platform.start(app, "c1");
        runs.await();
        platform.deployer.close();
        assertThat(platform.newestBuild(app).state()).isEqualTo(Builds.State.CANCELLED);
        assertThat(deploying.result()).failsWithin(Duration.ofSeconds(5));
        assertCode(() -> platform.deploy(app, "c2"), ErrorCode.SHUTTING_DOWN);
    }

    @Test
    void aLogThatCannotBeWrittenKeepsNobodyFromDeploying() throws Exception {
        Files.writeString(platform.builds, "a file where the folder should be");
        assertThat(platform.deploy(app, "c1")).isInstanceOf(DeployResult.Live.class);
    }

    private AppService.ConfigChange set(String name, String value) {
        return platform.apps.changeConfig(app, Map.of(name, value), Set.of(), Optional.empty(), "dev");
    }

    private String liveImage() {
        return platform.store.releases().live(app).orElseThrow().of().image();
    }

    private List<String> states() {
        return platform.store.releases().list(app, 100).stream()
                .map(each -> "v" + each.version() + " " + each.state().wireName())
                .toList();
    }

    private List<String> log(Builds.Build build) throws IOException {
        return Files.readAllLines(Deployer.logOf(platform.builds, build.id()));
    }

    private static void assertCode(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
