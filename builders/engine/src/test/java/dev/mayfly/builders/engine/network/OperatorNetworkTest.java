package dev.mayfly.builders.engine.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OperatorNetworkTest {
    @TempDir
    Path home;

    @Test
    void theMachinesOwnSettingsReachEveryLanguage() throws IOException {
        Files.writeString(home.resolve(".npmrc"), "registry=http://npm.internal/\n//npm.internal/:_authToken=secret\n");
        Files.createDirectories(home.resolve(".config/pip"));
        Files.writeString(home.resolve(".config/pip/pip.conf"), "[global]\nindex-url = http://pypi.internal/simple\n");
        Files.createDirectories(home.resolve(".m2"));
        Files.writeString(
                home.resolve(".m2/settings.xml"),
                "<settings><!-- <mirror><mirrorOf>*</mirrorOf><url>http://no</url></mirror> --><mirrors><mirror><id>a</id>"
                        + "<mirrorOf>*</mirrorOf><url>http://maven.internal/</url></mirror></mirrors></settings>");
        OperatorNetwork network = OperatorNetwork.from(
                ConfigReader.of(Map.of()),
                Map.of(
                        "https_proxy",
                        "http://proxy:3128",
                        "no_proxy",
                        "internal, .corp.example:8080,10.0.0.7",
                        "GOPROXY",
                        "http://go.internal"),
                home);

        assertThat(network.environment("/net"))
                .containsEntry("HTTPS_PROXY", "http://proxy:3128")
                .containsEntry("https_proxy", "http://proxy:3128")
                .containsEntry("NO_PROXY", "internal, .corp.example:8080,10.0.0.7")
                .containsEntry("NPM_CONFIG_REGISTRY", "http://npm.internal/")
                .containsEntry("PIP_INDEX_URL", "http://pypi.internal/simple")
                .containsEntry("GOPROXY", "http://go.internal")
                .doesNotContainValue("secret");
        NetworkFiles.write(network, home.resolve("out"));
        assertThat(Files.readString(home.resolve("out/settings.xml")))
                .contains("<mirrorOf>*</mirrorOf><url>http://maven.internal/</url>")
                .contains("<host>proxy</host><port>3128</port>")
                .contains("<nonProxyHosts>internal|*.internal|corp.example|*.corp.example|10.0.0.7</nonProxyHosts>");
    }

    @Test
    void theConfigurationComesFirst() {
        OperatorNetwork network = OperatorNetwork.from(
                ConfigReader.of(Map.of("mirror.npm", "http://chosen/", "network.https-proxy", "http://chosen:1")),
                Map.of("NPM_CONFIG_REGISTRY", "http://other/", "HTTPS_PROXY", "http://other:1"),
                home);
        assertThat(network.environment("/net"))
                .containsEntry("NPM_CONFIG_REGISTRY", "http://chosen/")
                .containsEntry("HTTPS_PROXY", "http://chosen:1");
    }

    @Test
    void certificateAuthoritiesReachEveryLanguageJavaToo() throws Exception {
        Path ca = Path.of("/etc/ssl/certs/ca-certificates.crt");
        OperatorNetwork network =
                OperatorNetwork.from(ConfigReader.of(Map.of("network.ca-file", ca.toString())), Map.of(), home);
        assertThat(network.environment("/net"))
                .containsEntry("NODE_EXTRA_CA_CERTS", "/net/ca.pem")
                .containsEntry("PIP_CERT", "/net/ca.pem")
                .containsEntry("SSL_CERT_FILE", "/net/ca.pem")
                .containsEntry("MAYFLY_JAVA_TRUSTSTORE", "/net/truststore.p12");
        NetworkFiles.write(network, home.resolve("out"));
        KeyStore store = KeyStore.getInstance(home.resolve("out/truststore.p12").toFile(), "changeit".toCharArray());
        assertThat(store.size()).isPositive();
    }
}
