package dev.mayfly.builders.engine.network;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Files that tell builds about the operator's network. Written at each start, copied into every build. */
public final class NetworkFiles {
    static final String CA = "ca.pem";
    public static final String TRUST_STORE = "truststore.p12";
    static final String MAVEN_SETTINGS = "settings.xml";

    /** Of the trust store, which holds nothing secret. */
    private static final char[] PASSWORD = "changeit".toCharArray();

    private NetworkFiles() {}

    /** Writes them into the directory, which is made if missing. */
    public static void write(OperatorNetwork network, Path directory) throws IOException {
        Files.createDirectories(directory);
        if (network.caFile().isPresent()) {
            writeAuthorities(network.caFile().get(), directory);
        } else {
            Files.deleteIfExists(directory.resolve(CA)); // Of a start with other settings.
            Files.deleteIfExists(directory.resolve(TRUST_STORE));
        }
        Files.writeString(directory.resolve(MAVEN_SETTINGS), mavenSettings(network));
    }

    /** The trust store takes a while to make: it stays if it is of the same authorities, whose file is written last. */
    private static void writeAuthorities(Path file, Path directory) throws IOException {
        byte[] pem = Files.readAllBytes(file);
        Path written = directory.resolve(CA);
        if (Files.exists(written) && Arrays.equals(Files.readAllBytes(written), pem)) {
            return;
        }
        try (OutputStream out = Files.newOutputStream(directory.resolve(TRUST_STORE));
                InputStream in = new ByteArrayInputStream(pem)) {
            trustStore(in).store(out, PASSWORD);
        } catch (GeneralSecurityException e) {
            throw new IOException("network.ca-file: " + file + ": " + e.getMessage(), e);
        }
        Files.write(written, pem);
    }

    private static KeyStore trustStore(InputStream pem) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        int count = 0;
        try {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca-" + count++, certificate);
            }
        } catch (CertificateException e) {
            throw new GeneralSecurityException("not certificates in PEM: " + e.getMessage(), e);
        }
        return store;
    }

    private static String mavenSettings(OperatorNetwork network) {
        StringBuilder xml = new StringBuilder("<settings>\n");
        Optional<URI> proxy = network.javaProxy();
        if (proxy.isPresent()) {
            URI url = proxy.get();
            int port = url.getPort() < 0 ? 80 : url.getPort();
            xml.append("  <proxies><proxy><active>true</active><protocol>http</protocol><host>")
                    .append(escape(String.valueOf(url.getHost())))
                    .append("</host><port>")
                    .append(port)
                    .append("</port>");
            if (url.getUserInfo() != null) {
                String[] user = url.getUserInfo().split(":", 2);
                xml.append("<username>").append(escape(user[0])).append("</username>");
                xml.append("<password>")
                        .append(escape(user.length > 1 ? user[1] : ""))
                        .append("</password>");
            }
            xml.append("<nonProxyHosts>")
                    .append(escape(nonProxyHosts(network.noProxy().orElse(""))))
                    .append("</nonProxyHosts></proxy></proxies>\n");
        }
        network.mavenMirror()
                .ifPresent(url -> xml.append("  <mirrors><mirror><id>operator</id><mirrorOf>*</mirrorOf><url>")
                        .append(escape(url))
                        .append("</url></mirror></mirrors>\n"));
        return xml.append("</settings>\n").toString();
    }

    /** Elsewhere a name stands for what is below it too; Maven wants that written, and knows neither ports nor networks. */
    private static String nonProxyHosts(String noProxy) {
        return Stream.of(noProxy.split("[,\\s]+"))
                .map(each -> each.replaceFirst("^\\*?\\.", "").replaceFirst("^([^:]+):\\d+$", "$1"))
                .filter(each -> !each.isEmpty())
                .flatMap(each -> each.matches("[0-9.:*/\\[\\]]+") ? Stream.of(each) : Stream.of(each, "*." + each))
                .collect(Collectors.joining("|"));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
