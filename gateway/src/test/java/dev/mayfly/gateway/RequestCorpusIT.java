package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Requests as bytes, each with what RFC 9112 lets a strict server do with it. For a refused one the connection must close
 * and nothing may reach the app; for an accepted one the app must see exactly as many requests as were sent.
 */
final class RequestCorpusIT {
    private static final String H = "Host: " + Gateway.HOST + "\r\n";

    /** @param seen how many requests the app must see */
    private record Case(String name, String bytes, int status, int seen) {}

    private static Gateway gateway = Gateway.start();
    private static final AtomicInteger seen = new AtomicInteger();

    @BeforeAll
    static void startApp() throws Exception {
        gateway.app(request -> {
            seen.incrementAndGet();
            request.bodyHandler(body -> request.response().end(body));
        });
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
    }

    private static Case accept(String name, String bytes) {
        return new Case(name, bytes, 200, 1);
    }

    private static Case refuse(String name, String bytes) {
        return new Case(name, bytes, 400, 0);
    }

    private static Case refuse(String name, int status, String bytes) {
        return new Case(name, bytes, status, 0);
    }

    private static String post(String fields, String body) {
        return "POST / HTTP/1.1\r\n" + H + fields + "\r\n" + body;
    }

    private static String get(String fields) {
        return "GET / HTTP/1.1\r\n" + fields + "\r\n";
    }

    private static Stream<Case> cases() {
        return Stream.of(
                accept("plain get", get(H)),
                accept("lower-case field names", get("host: " + Gateway.HOST + "\r\n")),
                accept("host in upper case", get("Host: HELLO.Local.LOCALHOST\r\n")),
                accept("host with a port", get("Host: " + Gateway.HOST + ":8080\r\n")),
                accept("host with a final dot", get("Host: " + Gateway.HOST + ".\r\n")),
                accept("absolute form", "GET http://" + Gateway.HOST + "/x HTTP/1.1\r\n" + H + "\r\n"),
                accept(
                        "absolute form, other host field",
                        "GET http://" + Gateway.HOST + "/ HTTP/1.1\r\nHost: other\r\n\r\n"),
                accept("asterisk form", "OPTIONS * HTTP/1.1\r\n" + H + "\r\n"),
                accept("unknown method", "BREW / HTTP/1.1\r\n" + H + "\r\n"),
                accept("HTTP/1.0 with host", "GET / HTTP/1.0\r\n" + H + "\r\n"),
                accept("empty line before the request", "\r\n" + get(H)),
                accept("content length", post("Content-Length: 5\r\n", "abcde")),
                accept("content length zero", post("Content-Length: 0\r\n", "")),
                accept("content length with leading zeros", post("Content-Length: 005\r\n", "abcde")),
                accept("chunked", post("Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n0\r\n\r\n")),
                accept("chunked in capitals", post("Transfer-Encoding: CHUNKED\r\n", "5\r\nabcde\r\n0\r\n\r\n")),
                accept("chunk extension", post("Transfer-Encoding: chunked\r\n", "5;a=b\r\nabcde\r\n0\r\n\r\n")),
                accept(
                        "quoted chunk extension",
                        post("Transfer-Encoding: chunked\r\n", "5;a=\"b;c\"\r\nabcde\r\n0\r\n\r\n")),
                accept("chunk size with zeros", post("Transfer-Encoding: chunked\r\n", "0005\r\nabcde\r\n0\r\n\r\n")),
                accept("trailers", post("Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n0\r\nX-After: 1\r\n\r\n")),
                accept("field value with colons", get(H + "X-A: a:b:c\r\n")),
                accept("empty field value", get(H + "X-A:\r\n")),
                accept("tab before a value", get(H + "X-A:\ta\r\n")),
                accept("query with odd characters", "GET /?a='b'&c=[d]|{e} HTTP/1.1\r\n" + H + "\r\n"),
                new Case("two in one go", get(H) + get(H), 200, 2),
                new Case("body, then the next", post("Content-Length: 3\r\n", "abc") + get(H), 200, 2),
                new Case(
                        "chunks, then the next",
                        post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n") + get(H),
                        200,
                        2),
                refuse(
                        "both lengths",
                        post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + get(H))),
                refuse(
                        "both lengths, other order",
                        post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + get(H))),
                refuse("two content lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "abcdef")),
                refuse(
                        "two equal content lengths",
                        post("Content-Length: 5\r\nContent-Length: 5\r\n", "abcde" + get(H))),
                refuse("list of content lengths", post("Content-Length: 5, 5\r\n", "abcde" + get(H))),
                refuse("signed content length", post("Content-Length: +5\r\n", "abcde" + get(H))),
                refuse("negative content length", post("Content-Length: -5\r\n", "abcde" + get(H))),
                refuse("hexadecimal content length", post("Content-Length: 0x5\r\n", "abcde" + get(H))),
                refuse("huge content length", post("Content-Length: 99999999999999999999\r\n", "")),
                refuse("empty content length", post("Content-Length:\r\n", "abcde" + get(H))),
                refuse("blank before the colon", post("Content-Length : 5\r\n", "abcde" + get(H))),
                refuse("unknown coding", post("Transfer-Encoding: gzip\r\n", "abc" + get(H))),
                refuse(
                        "coding not last",
                        post("Transfer-Encoding: chunked, identity\r\n", "5\r\nabcde\r\n0\r\n\r\n" + get(H))),
                refuse(
                        "coding before chunked",
                        post("Transfer-Encoding: gzip, chunked\r\n", "5\r\nabcde\r\n0\r\n\r\n" + get(H))),
                refuse("chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n" + get(H))),
                refuse(
                        "two coding fields",
                        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n" + get(H))),
                refuse("misspelt coding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + get(H))),
                refuse("coding with vertical tab", post("Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n" + get(H))),
                refuse("coding with a quote", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + get(H))),
                refuse("coding in HTTP/1.0", "POST / HTTP/1.0\r\n" + H + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                refuse("no host", "GET / HTTP/1.1\r\n\r\n"),
                refuse("two hosts", get(H + H)),
                refuse("two different hosts", get(H + "Host: other\r\n")),
                refuse("empty host", get("Host:\r\n")),
                refuse("host with a path", get("Host: " + Gateway.HOST + "/x\r\n")),
                refuse("host with user", get("Host: u@" + Gateway.HOST + "\r\n")),
                refuse("host with a bad port", get("Host: " + Gateway.HOST + ":99999\r\n")),
                refuse("host with a blank", get("Host: a b\r\n")),
                accept("folded field, unfolded", get(H + "X-A: a\r\n b\r\n")),
                refuse("field without colon", get(H + "X-A\r\n")),
                refuse("blank field name", get(H + ": a\r\n")),
                refuse("field name with blank", get(H + "X A: a\r\n")),
                refuse("NUL in a field", get(H + "X-A: a\0b\r\n")),
                refuse("lone CR in a field", get(H + "X-A: a\rb\r\n")),
                refuse("line feeds alone", "GET / HTTP/1.1\n" + H.replace("\r", "") + "\n"),
                refuse("control byte before the request", "\u0001" + get(H)),
                refuse("blank in the target", "GET /a b HTTP/1.1\r\n" + H + "\r\n"),
                refuse("fragment in the target", "GET /a#b HTTP/1.1\r\n" + H + "\r\n"),
                refuse("raw byte in the target", "GET /\u00e9 HTTP/1.1\r\n" + H + "\r\n"),
                refuse("relative target", "GET a HTTP/1.1\r\n" + H + "\r\n"),
                refuse("asterisk with get", "GET * HTTP/1.1\r\n" + H + "\r\n"),
                refuse("other scheme", "GET ftp://" + Gateway.HOST + "/ HTTP/1.1\r\n" + H + "\r\n"),
                refuse("no version", "GET /\r\n" + H + "\r\n"),
                refuse("HTTP/2.0 in a line", 501, "GET / HTTP/2.0\r\n" + H + "\r\n"),
                refuse("HTTP/1.2", 501, "GET / HTTP/1.2\r\n" + H + "\r\n"),
                refuse("version with junk", "GET / HTTP/1.1x\r\n" + H + "\r\n"),
                refuse("not HTTP", "SSH-2.0-OpenSSH_9.9\r\n\r\n"),
                refuse("HTTP/2 preface", 501, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                refuse("bracket in the method", "G[T / HTTP/1.1\r\n" + H + "\r\n"),
                refuse("CONNECT", 405, "CONNECT " + Gateway.HOST + ":443 HTTP/1.1\r\n" + H + "\r\n"),
                refuse("TRACE", 405, "TRACE / HTTP/1.1\r\n" + H + "\r\n"),
                refuse("long line", 414, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\n" + H + "\r\n"),
                refuse("long fields", 431, get(H + "X-A: " + "a".repeat(17_000) + "\r\n")),
                refuse("many fields", 431, get(H + "X-A: a\r\n".repeat(101))),
                refuse("body above the limit", 413, post("Content-Length: 99999999999\r\n", "")));
    }

    @TestFactory
    Stream<DynamicTest> readsRequestsAsTheRfcSays() {
        return cases().map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
    }

    private static void check(Case c) throws Exception {
        seen.set(0);
        try (RawClient client = gateway.client()) {
            client.send(c.bytes());
            for (int i = 0; i < Math.max(1, c.seen()); i++) {
                assertThat(client.answer().status()).as("answer %d", i + 1).isEqualTo(c.status());
            }
            if (c.seen() == 0) {
                assertThat(client.closedWithin(5_000))
                        .as("closed after refusal")
                        .isTrue();
            }
        }
        assertThat(seen.get()).as("requests that reached the app").isEqualTo(c.seen());
    }

    /** Broken chunks are found when the head has long been accepted; nothing after them may count as a request. */
    @TestFactory
    Stream<DynamicTest> neverReadsPastABrokenChunk() {
        String next = get(H);
        return Stream.of(
                        "5\r\nabcdeXX0\r\n\r\n" + next,
                        "g\r\nabc\r\n0\r\n\r\n" + next,
                        "-5\r\nabcde\r\n0\r\n\r\n" + next,
                        "0x5\r\nabcde\r\n0\r\n\r\n" + next,
                        "100000005\r\nabcde\r\n0\r\n\r\n" + next,
                        "10000000000000005\r\nabcde\r\n0\r\n\r\n" + next,
                        "\r\nabcde\r\n0\r\n\r\n" + next,
                        "5\nabcde\r\n0\r\n\r\n" + next,
                        "5 5\r\nabcde\r\n0\r\n\r\n" + next)
                .map(body -> DynamicTest.dynamicTest(body.substring(0, 12).strip(), () -> {
                    seen.set(0);
                    try (RawClient client = gateway.client()) {
                        client.send(post("Transfer-Encoding: chunked\r\n", body));
                        RawClient.Answer answer = client.answer(false);
                        if (answer != null) {
                            assertThat(answer.status()).isEqualTo(400);
                            assertThat(client.closedWithin(5_000)).as("closed").isTrue();
                        }
                    }
                    assertThat(gateway.leases.waiting()).isZero();
                    assertThat(seen.get()).as("whole requests at the app").isLessThanOrEqualTo(1);
                }));
    }
}
