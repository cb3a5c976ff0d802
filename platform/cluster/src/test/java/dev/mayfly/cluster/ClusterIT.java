package dev.mayfly.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.LiveEvent;
import dev.mayfly.runtime.health.Health;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
final class ClusterIT {
    @Test
    void serversSeeEachOthersEventsAndViewsUntilOneLeaves() throws Exception {
        int first = freePort();
        int second = freePort();
        try (Cluster one = config(first, second).open("one", new Health())) {
            BlockingQueue<LiveEvent> heardByOne = new ArrayBlockingQueue<>(10);
            BlockingQueue<LiveEvent> heardByTwo = new ArrayBlockingQueue<>(10);
            one.subscribe(heardByOne::add);
            LiveEvent event = new LiveEvent("local", "hello", "build.line", Instant.EPOCH, Map.of("line", "x", "n", 3));
            try (Cluster two = config(second, first).open("two", new Health())) {
                two.subscribe(heardByTwo::add);
                await(() -> one.members().equals(List.of("one", "two")));
                one.publish(event);
                assertThat(heardByTwo.poll(10, TimeUnit.SECONDS)).isEqualTo(event);
                assertThat(heardByOne.poll(1, TimeUnit.SECONDS)).isEqualTo(event);
                assertThat(heardByOne).as("one's own event comes once").isEmpty();

                two.announce("instances", "[1]");
                one.announce("instances", "[2]");
                await(() -> one.others("instances").equals(List.of("[1]")));
                await(() -> two.others("instances").equals(List.of("[2]")));
            }
            await(() -> one.members().equals(List.of("one")));
            assertThat(one.others("instances")).isEmpty();
        }
    }

    @Test
    void aServerAloneTellsItself() throws Exception {
        try (Cluster alone = ClusterConfig.DEFAULTS.open("alone", new Health())) {
            BlockingQueue<LiveEvent> heard = new ArrayBlockingQueue<>(1);
            AutoCloseable handle = alone.subscribe(heard::add);
            LiveEvent event = new LiveEvent("local", "", "app.created", Instant.EPOCH, Map.of());
            alone.publish(event);
            assertThat(heard.poll()).isEqualTo(event);
            handle.close();
            alone.publish(event);
            assertThat(heard).isEmpty();
        }
    }

    private static ClusterConfig config(int own, int other) {
        return new ClusterConfig("test-" + Math.min(own, other), "127.0.0.1", own, List.of("127.0.0.1:" + other));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("time left").isNegative();
            Thread.sleep(50);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
