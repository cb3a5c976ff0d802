package dev.mayfly.control.api;

import dev.mayfly.identity.Permission;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What runs: instances, logs, a request to try. */
final class RunApi {
    private static final int LINES = 100;
    private static final int DEAD = 30;
    private static final int SECONDS_MAX = 60; // Twice what a request may take: it may wait for a connection first.

    private final ApiParts parts;
    private final TestRequest requests;
    private final LargeAnswers large = new LargeAnswers();

    RunApi(ApiParts parts, Vertx vertx) {
        this.parts = parts;
        this.requests = new TestRequest(vertx, parts.gatewayPort());
    }

    Answer ofTenant(Caller caller) {
        return Answer.list(parts.instances().ofTenant(caller.tenant(Permission.READ), dead(caller)));
    }

    Answer ofApp(Caller caller) {
        AppRef ref = caller.app(Permission.READ);
        parts.apps().find(ref);
        return Answer.list(parts.instances().ofApp(ref, dead(caller)));
    }

    private static int dead(Caller caller) {
        return caller.query("dead").map(Integer::parseInt).orElse(DEAD);
    }

    /** The pools are no tenant's: they hold what is of all of them. */
    Answer pools(Caller caller) {
        caller.principal().requireOperator();
        return Answer.list(parts.pools().list());
    }

    Answer logs(Caller caller) throws IOException, InterruptedException {
        AppRef ref = caller.app(Permission.READ);
        parts.apps().find(ref);
        Runnable leave = large.enter(ref.tenant(), caller.context());
        try {
            int lines = caller.query("lines").map(Integer::parseInt).orElse(LINES);
            return Answer.list(parts.logs().tail(ref, lines)).whenTaken(leave);
        } catch (IOException | RuntimeException | Error e) {
            leave.run();
            throw e;
        }
    }

    /** The request goes through the gateway as anybody's would. */
    Answer test(Caller caller) throws InterruptedException {
        AppRef ref = caller.app(Permission.DEPLOY);
        parts.apps().find(ref);
        try {
            return Answer.ok(requests.send(parts.urls().host(ref), parts.urls().port(), caller.body())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(SECONDS_MAX, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            throw late(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw late(e);
            }
            throw new MayflyException(ErrorCode.RESPONSE_INVALID, "no answer: " + e.getCause(), e);
        }
    }

    private static MayflyException late(Exception cause) {
        return new MayflyException(ErrorCode.TOTAL_TIMEOUT, "the app did not answer in time", cause);
    }
}
