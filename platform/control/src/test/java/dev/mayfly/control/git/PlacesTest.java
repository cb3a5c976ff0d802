package dev.mayfly.control.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.control.deploy.Platform;
import dev.mayfly.model.AppRef;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks of pushes share processor and heap: nobody keeps all of it, and nobody waits for ever. */
@Timeout(60)
final class PlacesTest {
    private final GitJobs jobs = new GitJobs(100, 100);
    private final List<String> waiting = new CopyOnWriteArrayList<>();

    @Test
    void aTenantHasHalfOfThePlacesAndOthersPassItsQueue() throws Exception {
        Places places = new Places(2, 1_000, "busy");
        Places.Place one = take(places, "a", 1).get();
        FutureTask<Places.Place> second = take(places, "a", 1);
        await("a waits");
        Places.Place other = take(places, "b", 1).get();
        assertThat(second).isNotDone();
        one.close();
        second.get().close();
        other.close();
    }

    @Test
    void whatIsHeldTogetherStaysBelowTheHeapsShareButOneAloneAlwaysMay() throws Exception {
        Places places = new Places(10, 100, "busy");
        Places.Place large = take(places, "a", 500).get();
        FutureTask<Places.Place> next = take(places, "b", 60);
        await("b waits");
        large.close();
        Places.Place small = next.get();
        FutureTask<Places.Place> tooMuch = take(places, "c", 50);
        await("c waits");
        FutureTask<Places.Place> behind = take(places, "d", 1);
        await("d waits");
        assertThat(behind).as("who needs much is not passed for ever").isNotDone();
        small.close();
        tooMuch.get().close();
        behind.get().close();
    }

    @Test
    void whoIsStoppedLeavesTheLine() throws Exception {
        Places places = new Places(2, 1_000, "busy");
        Places.Place one = take(places, "a", 1).get();
        GitJob job = jobs.admit(GitJob.Kind.PUSH, AppRef.of("a", "app")).orElseThrow();
        FutureTask<Places.Place> second = take(places, job, 1);
        await("a waits");
        job.stop();
        Assertions.assertThatThrownBy(second::get).isInstanceOf(ExecutionException.class);
        FutureTask<Places.Place> third = take(places, "a", 1);
        one.close();
        third.get().close();
    }

    private void await(String what) throws InterruptedException {
        Platform.await(what, () -> waiting.contains(what));
        waiting.clear();
    }

    private FutureTask<Places.Place> take(Places places, String tenant, long heap) {
        return take(
                places, jobs.admit(GitJob.Kind.PUSH, AppRef.of(tenant, "app")).orElseThrow(), heap);
    }

    private FutureTask<Places.Place> take(Places places, GitJob job, long heap) {
        FutureTask<Places.Place> task = new FutureTask<>(() -> {
            job.begin();
            return places.take(heap, job, () -> waiting.add(job.app().tenant() + " waits"));
        });
        Thread.ofVirtual().start(task);
        return task;
    }
}
