package dev.mayfly.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LargeAnswersTest {
    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Runnable> entered = new LinkedBlockingQueue<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void oneTenantHasFewPlacesAndGetsThemBackWhenAnAnswerWasRead() throws Exception {
        HttpClient client = serve(new LargeAnswers(3, 1, Duration.ofMillis(100), Duration.ofMinutes(1)));
        Future<Integer> first = ask(client, "one");
        Runnable leave = entered.take();
        assertThat(ask(client, "one").await(10, TimeUnit.SECONDS)).isEqualTo(503);
        Future<Integer> other = ask(client, "two");
        entered.take();
        assertThat(first.isComplete()).isFalse();
        assertThat(other.isComplete()).isFalse();
        leave.run();
        leave.run();
        ask(client, "one");
        entered.take();
        assertThat(ask(client, "one").await(10, TimeUnit.SECONDS))
                .as("one place was left, once")
                .isEqualTo(503);
    }

    @Test
    void whoDoesNotReadLosesTheConnectionAndThePlace() throws Exception {
        HttpClient client = serve(new LargeAnswers(1, 1, Duration.ofSeconds(20), Duration.ofMillis(200)));
        Future<Integer> first = ask(client, "one");
        entered.take();
        ask(client, "two");
        entered.take();
        assertThat(first.recover(_ -> Future.succeededFuture(-1)).await(10, TimeUnit.SECONDS))
                .isEqualTo(-1);
    }

    private HttpClient serve(LargeAnswers answers) throws Exception {
        Router router = Router.router(vertx);
        router.get("/:tenant").handler(context -> Thread.ofVirtual().start(() -> enter(answers, context)));
        int port = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await(10, TimeUnit.SECONDS)
                .actualPort();
        return vertx.createHttpClient(new HttpClientOptions()
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(port)
                .setKeepAlive(false));
    }

    private void enter(LargeAnswers answers, RoutingContext context) {
        try {
            entered.add(answers.enter(new TenantName(context.request().getParam("tenant", "")), context));
        } catch (MayflyException e) {
            context.response().setStatusCode(503).end();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The status, once there is an answer; who has a place gets none here. */
    private static Future<Integer> ask(HttpClient client, String tenant) {
        return client.request(HttpMethod.GET, "/" + tenant)
                .compose(request -> request.send().map(answer -> answer.statusCode()));
    }
}
