package dev.mayfly.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.health.Health;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
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
            BlockingQueue<String> heardByOne = new ArrayBlockingQueue<>(10);
            BlockingQueue<String> heardByTwo = new ArrayBlockingQueue<>(10);
            one.listen(heardByOne::add);
            try (Cluster two = config(second, first).open("two", new Health())) {
                AutoCloseable handle = two.listen(heardByTwo::add);
                await(() -> one.members().equals(List.of("one", "two")));
                one.broadcast("{\"n\":1}");
                assertThat(heardByTwo.poll(30, TimeUnit.SECONDS)).isEqualTo("{\"n\":1}");
                handle.close();
                one.broadcast("{\"n\":2}");
                two.broadcast("{\"n\":3}");
                assertThat(heardByOne.poll(30, TimeUnit.SECONDS)).isEqualTo("{\"n\":3}");
                assertThat(heardByOne).as("one does not hear itself").isEmpty();
                assertThat(heardByTwo).as("who has stopped to listen").isEmpty();

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
    void aServerAloneHearsNobody() {
        try (Cluster alone = ClusterConfig.DEFAULTS.open("alone", new Health())) {
            BlockingQueue<String> heard = new ArrayBlockingQueue<>(1);
            alone.listen(heard::add);
            alone.broadcast("{}");
            assertThat(heard).isEmpty();
            assertThat(alone.members()).containsExactly("alone");
            assertThat(alone.others("instances")).isEmpty();
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
