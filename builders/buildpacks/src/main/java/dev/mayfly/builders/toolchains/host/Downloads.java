package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Fetches files over HTTP through the operator's proxies, trusting the operator's certificate authorities.
 *
 * @param goProxy base URL of a Go module proxy
 * @param goSums base URL of a Go checksum database; empty: checksums are not looked up, as with GOSUMDB=off
 * @param mavenRepository base URL of a Maven repository
 */
public record Downloads(HttpClient client, String goProxy, Optional<String> goSums, String mavenRepository) {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /**
     * @param trustStore PKCS12 with certificate authorities, password {@code changeit}; empty: Java's own
     * @param go value of GOPROXY, of which the first address is taken
     * @param sums value of GOSUMDB
     * @param maven URL of a mirror
     */
    public static Downloads of(
            Proxies proxies,
            Optional<Path> trustStore,
            Optional<String> go,
            Optional<String> sums,
            Optional<String> maven)
            throws IOException {
        HttpClient.Builder client = HttpClient.newBuilder()
                .proxy(proxies)
                .connectTimeout(Duration.ofSeconds(20))
                .followRedirects(HttpClient.Redirect.NORMAL);
        if (trustStore.isPresent()) {
            client.sslContext(trusting(trustStore.get()));
        }
        String firstGo = go.map(list -> list.split("[,|]", 2)[0])
                .filter(url -> url.startsWith("http"))
                .orElse("https://proxy.golang.org");
        Optional<String> database = sums.filter("off"::equals).isPresent()
                ? Optional.empty()
                : Optional.of(firstGo.replaceFirst("/$", "") + "/sumdb/sum.golang.org");
        return new Downloads(client.build(), firstGo, database, maven.orElse("https://repo.maven.apache.org/maven2"));
    }

    /** @throws IOException naming address and status for anything but 200 */
    String text(String url) throws IOException, InterruptedException {
        HttpResponse<String> response = send(url, HttpResponse.BodyHandlers.ofString());
        require(response, url);
        return response.body();
    }

    void file(String url, Path target) throws IOException, InterruptedException {
        HttpResponse<Path> response = send(url, HttpResponse.BodyHandlers.ofFile(target));
        if (response.statusCode() != 200) {
            Files.deleteIfExists(target);
        }
        require(response, url);
    }

    /** Failures of connections often have no message: the address is always part of ours. */
    private <T> HttpResponse<T> send(String url, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        try {
            return client.send(request(url), handler);
        } catch (IOException e) {
            throw new IOException(url + ": " + e, e);
        }
    }

    private static HttpRequest request(String url) {
        return HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).build();
    }

    private static void require(HttpResponse<?> response, String url) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException(url + " answered " + response.statusCode());
        }
    }

    private static SSLContext trusting(Path trustStore) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(trustStore.toFile(), "changeit".toCharArray());
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("trust store " + trustStore + ": " + e.getMessage(), e);
        }
    }
}
