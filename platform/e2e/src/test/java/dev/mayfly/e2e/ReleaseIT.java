package dev.mayfly.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What {@code ./mayfly package} makes, on a machine without what building needs. */
class ReleaseIT {
    private static final String BUILD_TOOLS = "cc gcc* c89* c99* clang* x86_64-linux-gnu-gcc* mvn";

    private final Server shared = SharedServer.get();
    private final Path folder = SharedServer.newFolder("release");

    @Test
    void aReleaseRunsWhereThereIsNeitherACompilerNorMaven() throws Exception {
        Shell builder = shared.shell().in(folder);
        String file = builder.run(Server.ROOT.resolve("mayfly").toString(), "package")
                .expectExit(0)
                .line();
        builder.in(Server.ROOT.resolve("target"))
                .run("sha256sum", "--check", file + ".sha256")
                .expectExit(0);
        builder.run("tar", "-xzf", file).expectExit(0);
        Path mayfly = folder.resolve(Path.of(file).getFileName().toString().replace(".tar.gz", ""))
                .resolve("mayfly");
        Shell user = builder.with("PATH", withoutBuildTools().toString());
        assertThat(user.run("sh", "-c", "command -v cc || command -v mvn").exit())
                .isNotZero();
        assertThat(user.run(mayfly.toString(), "doctor").expectExit(0).out())
                .containsPattern("(?m)^runtime native +ok ")
                .containsPattern("(?m)^gcc +lacks ");
        assertThat(user.run(mayfly.toString(), "test").expectExit(1).err()).contains("this is a release");
        String data = folder.resolve("data").toString();
        user.run(
                        mayfly.toString(),
                        "up",
                        "-d",
                        "--bare",
                        "--data",
                        data,
                        "--port",
                        "0",
                        "--control-port",
                        "0",
                        "sandbox.runtime=native",
                        "base.folder=" + Server.BASE,
                        "toolchains.folder=" + Server.TOOLCHAINS)
                .expectExit(0);
        try {
            assertThat(user.run(mayfly.toString(), "status", "--data", data)
                            .expectExit(0)
                            .out())
                    .contains("ready");
        } finally {
            user.run(mayfly.toString(), "down", "--data", data).expectExit(0);
        }
    }

    /** A folder with links to all programs of this machine but those. */
    private Path withoutBuildTools() throws Exception {
        Path programs = Files.createDirectory(folder.resolve("programs"));
        shared.shell()
                .in(programs)
                .run(
                        "sh",
                        "-c",
                        "for each in /usr/local/bin/* /usr/bin/* /usr/sbin/* /bin/* /sbin/*; do"
                                + " [ -e \"${each##*/}\" ] || ln -s \"$each\" .; done; rm -f " + BUILD_TOOLS)
                .expectExit(0);
        return programs;
    }
}
