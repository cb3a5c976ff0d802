package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIterable;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Behind an HTTP proxy that only the operator knows of, apps of every language are built, and nothing goes past it. */
class OperatorProxyIT {
    private static OutsideProxy proxy;
    private static Server server;

    /**
     * @param registry part of the name of the host that packages come from
     * @param machineAsks whether the server looks up versions over HTTPS before the build
     */
    record Language(String name, String registry, boolean machineAsks) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Language> languages() {
        return Stream.of(
                new Language("node", "npm", true),
                new Language("python", "pypi", false),
                new Language("java", "maven", false),
                new Language("go", "golang", true));
    }

    @BeforeAll
    static void startBehindAProxy() throws IOException {
        proxy = new OutsideProxy(SharedServer.newFolder("proxy"));
        try {
            Server started = new Server(
                            SharedServer.newFolder("behind-proxy").resolve("data"),
                            "--bare",
                            "network.http-proxy=" + proxy.url(),
                            "network.https-proxy=" + proxy.url())
                    .up();
            server = started;
        } catch (AssertionError e) {
            proxy.close();
            throw e;
        }
    }

    @AfterAll
    static void stop() {
        try (OutsideProxy _ = proxy) {
            if (server != null) {
                server.down();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void aBuildFetchesItsPackagesThroughTheProxy(Language language) {
        int sandboxes = proxy.fromSandboxes().size();
        int machine = proxy.fromTheMachine().size();
        app(language, "via-" + language.name()).push().expectExit(0);
        assertThatIterable(since(sandboxes, proxy.fromSandboxes()))
                .as("asked for by the build")
                .anyMatch(host -> host.contains(language.registry()));
        if (language.machineAsks()) {
            assertThatIterable(since(machine, proxy.fromTheMachine()))
                    .as("asked for by the server, which looks up versions")
                    .anyMatch(host -> host.contains(language.registry()));
        }
        assertThat(server.get("via-" + language.name(), "/").body()).isEqualTo("it works");
    }

    @ParameterizedTest
    @MethodSource("languages")
    void aBuildThatTheProxyRefusesFailsAndMovesNothing(Language language) throws IOException {
        WorkTree tree = app(language, "no-" + language.name());
        proxy.refuseSandboxes(true);
        try {
            String said = tree.push().expectExit(1).err();
            assertThat(said).containsPattern("403|Forbidden");
            assertThat(tree.remoteHead()).isEmpty();
        } finally {
            proxy.refuseSandboxes(false);
        }
    }

    private static List<String> since(int count, List<String> all) {
        return all.subList(count, all.size());
    }

    /** As small as it can be with one package that has no dependencies itself. */
    private static WorkTree app(Language language, String name) {
        WorkTree tree = WorkTree.empty(server, name);
        switch (language.name()) {
            case "node" -> node(tree);
            case "python" -> python(tree);
            case "java" -> java(tree);
            default -> go(tree);
        }
        return tree.commit("Start");
    }

    private static void node(WorkTree tree) {
        tree.write("package.json", """
                        {"name": "app", "scripts": {"start": "node server.js"}, "dependencies": {"ms": "2.1.3"}}
                        """).write("server.js", """
                        require("ms");
                        require("http").createServer((q, s) => s.end("it works")).listen(process.env.PORT);
                        """);
    }

    private static void python(WorkTree tree) {
        tree.write("requirements.txt", "six==1.17.0\n").write("main.py", """
                        import os, six
                        from http.server import BaseHTTPRequestHandler, HTTPServer

                        class Answer(BaseHTTPRequestHandler):
                            def do_GET(self):
                                self.send_response(200)
                                self.end_headers()
                                self.wfile.write(b"it works")

                        HTTPServer(("", int(os.environ["PORT"])), Answer).serve_forever()
                        """);
    }

    private static void java(WorkTree tree) {
        tree.write("pom.xml", """
                        <project xmlns="http://maven.apache.org/POM/4.0.0">
                          <modelVersion>4.0.0</modelVersion>
                          <groupId>example</groupId>
                          <artifactId>app</artifactId>
                          <version>1</version>
                          <properties>
                            <maven.compiler.release>21</maven.compiler.release>
                            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
                          </properties>
                          <dependencies>
                            <dependency>
                              <groupId>org.jspecify</groupId>
                              <artifactId>jspecify</artifactId>
                              <version>1.0.0</version>
                            </dependency>
                          </dependencies>
                          <build><plugins><plugin>
                            <artifactId>maven-jar-plugin</artifactId>
                            <configuration><archive><manifest><mainClass>example.Main</mainClass></manifest></archive></configuration>
                          </plugin></plugins></build>
                        </project>
                        """).write("src/main/java/example/Main.java", """
                        package example;

                        import com.sun.net.httpserver.HttpServer;
                        import java.net.InetSocketAddress;
                        import org.jspecify.annotations.NullMarked;

                        @NullMarked
                        class Main {
                            public static void main(String[] arguments) throws Exception {
                                int port = Integer.parseInt(System.getenv("PORT"));
                                HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
                                server.createContext("/", call -> {
                                    byte[] answer = "it works".getBytes();
                                    call.sendResponseHeaders(200, answer.length);
                                    call.getResponseBody().write(answer);
                                    call.close();
                                });
                                server.start();
                            }
                        }
                        """);
    }

    private static void go(WorkTree tree) {
        tree.write("go.mod", """
                        module example/app

                        go 1.24

                        require github.com/pkg/errors v0.9.1
                        """).write("go.sum", """
                        github.com/pkg/errors v0.9.1 h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=
                        github.com/pkg/errors v0.9.1/go.mod h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=
                        """).write("main.go", """
                        package main

                        import (
                        	"net"
                        	"os"

                        	"github.com/pkg/errors"
                        )

                        // Without net/http, which takes long to compile.
                        func main() {
                        	listener, err := net.Listen("tcp", ":"+os.Getenv("PORT"))
                        	for err == nil {
                        		var call net.Conn
                        		if call, err = listener.Accept(); err == nil {
                        			call.Read(make([]byte, 8192))
                        			call.Write([]byte("HTTP/1.1 200 OK\\r\\nContent-Length: 8\\r\\nConnection: close\\r\\n\\r\\nit works"))
                        			call.Close()
                        		}
                        	}
                        	panic(errors.Wrap(err, "listen"))
                        }
                        """);
    }
}
