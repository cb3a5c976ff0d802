package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.LeaseOutcome;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller gets an answer whole and as it comes, or sees that it is not whole, or is told why there is none. */
final class AnswersIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n" + HOST + "\r\n";
    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final Gateway gateway = Gateway.start();

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void answers(String... pieces) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            for (String piece : pieces) {
                talk.say(piece);
            }
        });
    }

    private static void take(Semaphore from) throws InterruptedException {
        assertThat(from.tryAcquire(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
    }

    // Cut answers.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 100\r\n\r\nsome",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n8\r\nhalf"
            })
    void anAnswerThatBreaksOffIsCutForItsCallerToo(String rest) throws Exception {
        Semaphore seen = new Semaphore(0);
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\n" + rest);
            take(seen);
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
            client.skipHead();
            seen.release();
            byte[] all = client.readAll();
            assertThat(new String(all, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .contains("some")
                    .doesNotContain("0\r\n\r\n");
        }
        CallRecord call = gateway.onlyCall();
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.failure()).isEqualTo(ErrorCode.INSTANCE_DIED);
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).as("it may live").isZero();
    }

    @Test
    void anAnswerWithoutALengthIsWholeWhenItsInstanceCloses() throws Exception {
        answers("HTTP/1.1 200 OK\r\n\r\n", "all of it");
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).answer().text()).isEqualTo("all of it");
        }
        assertThat(gateway.onlyCall().failure()).isNull();
    }

    @Test
    void aCallerOfHttp10IsToldTheEndOfSuchAnAnswerByTheEndOfItsConnection() throws Exception {
        answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n", "6\r\n of it\r\n0\r\n\r\n");
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer =
                    client.send(GET.replace("HTTP/1.1", "HTTP/1.0")).answer();
            assertThat(answer.headers()).doesNotContainKeys("transfer-encoding", "content-length");
            assertThat(answer.text()).isEqualTo("all of it");
        }
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200 OK", "GET, 204 No Content", "GET, 304 Not Modified"})
    void anAnswerWithoutABodyEndsWithItsHead(String method, String status) throws Exception {
        gateway.raw(talk -> {
            for (String head = talk.head(); head != null; head = talk.head()) {
                talk.say("HTTP/1.1 " + status + "\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\n");
            }
        });
        try (RawClient client = gateway.client()) {
            for (int i = 0; i < 3; i++) {
                client.send(GET.replace("GET", method));
                RawClient.Answer answer = method.equals("HEAD") ? client.answerToHead() : client.answer();
                assertThat(status).startsWith(String.valueOf(answer.status()));
                assertThat(answer.header("etag")).isEqualTo("\"1\"");
            }
        }
    }

    @Test
    void fieldsBehindTheBodyReachTheCaller() throws Exception {
        answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nHost: evil\r\n\r\n");
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.header("trailer x-sum")).isEqualTo("7");
            assertThat(answer.headers()).doesNotContainKey("trailer host");
        }
    }

    // As it comes.

    @Test
    void aHeadReachesTheCallerBeforeItsBodyBegins() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
            seen.await();
            talk.say("ok");
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
            client.skipHead();
            seen.countDown();
            assertThat(client.read(2)).asString().isEqualTo("ok");
        }
    }

    @Test
    void eventsReachTheCallerOneByOneAsTheyHappen() throws Exception {
        Semaphore next = new Semaphore(0);
        gateway.raw(talk -> {
            talk.head();
            talk.say(EVENTS);
            for (int i = 0; i < 20; i++) {
                take(next);
                talk.say("9\r\ndata: " + (char) ('a' + i) + "\n\n\r\n");
            }
            talk.say("0\r\n\r\n");
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
            client.skipHead();
            for (int i = 0; i < 20; i++) {
                next.release();
                assertThat(client.read(14)).asString().isEqualTo("9\r\ndata: " + (char) ('a' + i) + "\n\n\r\n");
            }
            assertThat(client.read(5)).asString().isEqualTo("0\r\n\r\n");
        }
        assertThat(gateway.onlyCall().bytesOut()).isEqualTo(20 * 9);
    }

    @Test
    void whoStreamsEventsIsToldThatItsCallerHasGone() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            talk.say(EVENTS + "9\r\ndata: a\n\n\r\n");
            if (talk.ended()) {
                told.countDown();
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
        }
        assertThat(told.await(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }

    @Test
    void anAnswerOfSingleBytesIsPutTogetherAgain() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nbyte by byt";
        gateway.raw(talk -> {
            talk.head();
            for (int i = 0; i < answer.length(); i++) {
                talk.say(answer.substring(i, i + 1));
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).answer().text()).isEqualTo("byte by byt");
        }
    }

    @Test
    void aRequestOfSingleBytesIsPutTogetherAgain() throws Exception {
        gateway.app(asked -> asked.bodyHandler(body -> asked.response().end(body)));
        try (RawClient client = gateway.client()) {
            for (char c : ("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\n\r\nslow!").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.answer().text()).isEqualTo("slow!");
        }
    }

    // Why there is none.

    @Test
    void whoDiesBeforeItsAnswerIsToldWithItsReason() throws Exception {
        gateway.leases.allDied(DeathReason.OOM_KILLED);
        answers("");
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
            assertThat(answer.text()).contains("\"instance.died\"").contains("oom-killed");
            assertThat(answer.header("x-request-id")).startsWith("req_");
        }
        CallRecord call = gateway.onlyCall();
        assertThat(call.failure()).isEqualTo(ErrorCode.INSTANCE_DIED);
        assertThat(call.instance()).isEqualTo("ins_fake1");
    }

    @ParameterizedTest
    @CsvSource({"99", "199", "1000"})
    void aStatusThatIsNoneIsNoAnswer(String status) throws Exception {
        answers("HTTP/1.1 " + status + " Odd\r\nContent-Length: 0\r\n\r\n");
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).answer().status()).isEqualTo(502);
        }
    }

    @Test
    void aPoolThatFailsIsThePlatformsFault() throws Exception {
        gateway.leases.fail(new IllegalStateException("secret of the pool"));
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.text()).contains("\"internal\"").doesNotContain("secret");
        }
        assertThat(gateway.onlyCall().failure()).isEqualTo(ErrorCode.INTERNAL);
    }

    @ParameterizedTest
    @CsvSource({"QUOTA_EXCEEDED, 429", "QUEUE_FULL, 503", "CAPACITY_EXHAUSTED, 503"})
    void whoGetsNoPlaceIsToldWhenToComeBack(ErrorCode code, int status) throws Exception {
        gateway.leases.prepare(new LeaseOutcome.Saturated(code, "no place", Duration.ofSeconds(3)));
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.header("retry-after")).isEqualTo("3");
            assertThat(answer.text()).contains("no place");
        }
    }

    @Test
    void aBrowserIsToldInAPage() throws Exception {
        gateway.leases.prepare(new LeaseOutcome.Saturated(ErrorCode.QUEUE_FULL, "<script>", Duration.ofSeconds(3)));
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send("GET / HTTP/1.1\r\n" + HOST + "Accept: text/html,*/*\r\n\r\n")
                    .answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("content-type")).startsWith("text/html");
            assertThat(answer.header("content-security-policy")).contains("default-src 'none'");
            assertThat(answer.text()).doesNotContain("<script>");
        }
    }

    @Test
    void aFailureInAnswerToHeadHasNoBody() throws Exception {
        gateway.leases.prepare(new LeaseOutcome.Saturated(ErrorCode.QUEUE_FULL, "no place", Duration.ofSeconds(3)));
        answers(RawInstance.ok("next"));
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET.replace("GET", "HEAD")).answerToHead();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(client.send(GET).answer().text()).isEqualTo("next");
        }
    }

    @Test
    void aBodyThatIsNotAsAnnouncedIsItsCallersFault() throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.readToEnd();
        });
        try (RawClient client = gateway.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n");
            Wait.until("it has come", () -> gateway.instance().seen("part"));
            client.send("no size\r\n");
            assertThat(client.answer().status()).isEqualTo(400);
        }
        assertThat(gateway.onlyCall().failure()).isEqualTo(ErrorCode.INVALID_REQUEST);
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }
}
