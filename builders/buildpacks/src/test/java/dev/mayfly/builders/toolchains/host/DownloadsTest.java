package dev.mayfly.builders.toolchains.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DownloadsTest {
    private final List<URI> asked = new CopyOnWriteArrayList<>();
    private HttpServer origin;
    private HttpServer proxy;

    @BeforeEach
    void start() throws IOException {
        origin = serve("origin");
        proxy = serve("proxy");
    }

    @AfterEach
    void stop() {
        origin.stop(0);
        proxy.stop(0);
    }

    @Test
    void goThroughTheProxy() throws Exception {
        assertThat(downloads(Optional.empty()).text(url())).isEqualTo("proxy");
        assertThat(asked).as("a proxy is told the whole address").containsExactly(URI.create(url()));
    }

    @Test
    void goPastTheProxyToHostsThatAreReachedDirectly() throws Exception {
        assertThat(downloads(Optional.of("registry.example, 127.0.0.1")).text(url()))
                .isEqualTo("origin");
    }

    @Test
    void withoutAProxyEverythingIsReachedDirectly() throws Exception {
        Downloads downloads = Downloads.of(
                new Proxies(Optional.empty(), Optional.of(address(proxy)), Optional.empty()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertThat(downloads.text(url())).as("the proxy is for https").isEqualTo("origin");
    }

    @ParameterizedTest(name = "{0} lists {1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            example.com                | http://example.com/          | true
            example.com                | https://go.example.com/x     | true
            example.com                | http://badexample.com/       | false
            .example.com               | http://example.com/          | true
            *.example.com              | http://go.example.com/       | true
            a.test,example.com         | http://EXAMPLE.com/          | true
            a.test example.com         | http://example.com/          | true
            example.com:8080           | http://example.com:8080/     | true
            example.com:8080           | http://example.com/          | false
            example.com:443            | https://example.com/         | true
            10.0.0.7                   | http://10.0.0.7:81/          | true
            10.0.0.7:81                | http://10.0.0.7:82/          | false
            10.0.0.0/8                 | http://10.200.3.4/           | true
            10.0.0.0/8                 | http://11.0.0.1/             | false
            10.0.0.0/33                | http://10.0.0.1/             | false
            fd00::/8                   | http://[fd00::1]:80/         | true
            ::1                        | http://[::1]/                | true
            0.0.0.0/0                  | http://[::1]/                | false
            *                          | http://anything.test/        | true
            ''                         | http://anything.test/        | false
            """)
    void aListOfHostsIsReadAsNoProxyIs(String list, URI url, boolean direct) {
        assertThat(new DirectHosts(list).contains(url)).isEqualTo(direct);
    }

    private Downloads downloads(Optional<String> direct) throws IOException {
        return Downloads.of(
                new Proxies(Optional.of(address(proxy)), Optional.empty(), direct),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private String url() {
        return "http://" + address(origin) + "/file";
    }

    private static String address(HttpServer server) {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private HttpServer serve(String answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI());
            exchange.sendResponseHeaders(200, answer.length());
            exchange.getResponseBody().write(answer.getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        return server;
    }
}
