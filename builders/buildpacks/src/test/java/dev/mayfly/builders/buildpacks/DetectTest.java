package dev.mayfly.builders.buildpacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every {@code bin/detect}, run as the engine runs it, on small trees. */
final class DetectTest {
    private static final int PASSED = 0;
    private static final int NOT_MINE = 100;

    @TempDir
    Path temp;

    private Path packs;
    private Path app;

    @BeforeEach
    void write() throws IOException {
        packs = temp.resolve("packs");
        BuiltIn.writeTo(packs);
        app = Files.createDirectory(temp.resolve("app"));
    }

    @Test
    void nodeVersionsComeFromEnginesThenFromNvmrc() throws Exception {
        file("package.json", "{\"engines\":{\"node\":\">=20 <23\"}}");
        file(".nvmrc", "v18");
        assertThat(detect("node", "web")).isEqualTo(PASSED);
        assertThat(plan()).contains("version = \">=20 <23\"").contains("engines.node");
        file("package.json", "{}");
        assertThat(detect("node", "web")).isEqualTo(PASSED);
        assertThat(plan()).contains("version = \"v18\"").contains("source = \".nvmrc\"");
    }

    @Test
    void brokenJsonIsAnErrorAndNotAnotherLanguage() throws Exception {
        file("package.json", "{");
        assertThat(detect("node", "web")).isNotIn(PASSED, NOT_MINE);
    }

    @Test
    void aVersionCannotBreakOutOfThePlan() throws Exception {
        file("package.json", "{\"engines\":{\"node\":\"\\\"\\n[[provides]]\\nname = \\\"x\"}}");
        assertThat(detect("node", "web")).isEqualTo(PASSED);
        assertThat(plan().lines().filter(line -> line.equals("[[provides]]"))).hasSize(1);
    }

    @Test
    void javaVersionsComeFromThePom() throws Exception {
        file("pom.xml", "<project><properties><java.version>17</java.version></properties></project>");
        assertThat(detect("java-maven", "web")).isEqualTo(PASSED);
        assertThat(plan()).contains("version = \"17\"").contains("name = \"maven\"");
    }

    @Test
    void goVersionsComeFromGoMod() throws Exception {
        file("go.mod", "module x\n\ngo 1.24\n\ntoolchain go1.24.2\n");
        assertThat(detect("go", "web")).isEqualTo(PASSED);
        assertThat(plan()).contains("version = \"1.24.2\"");
        assertThat(detect("go", "function")).isEqualTo(NOT_MINE);
    }

    @Test
    void functionsAreForFunctionsAlone() throws Exception {
        file("main.py", "");
        file("index.mjs", "");
        for (String pack : new String[] {"function-python", "function-node"}) {
            assertThat(detect(pack, "function")).as(pack).isEqualTo(PASSED);
            assertThat(detect(pack, "web")).as(pack).isEqualTo(NOT_MINE);
        }
        assertThat(detect("function-java", "function")).isEqualTo(NOT_MINE);
    }

    @Test
    void programsAreForTheirOwnBuildpackAlone() throws Exception {
        for (String each : new String[] {"main.py", "index.mjs", "pom.xml", "go.mod"}) {
            file(each, "");
        }
        assertThat(detect("function-cgi", "function", "cgi")).isEqualTo(PASSED);
        assertThat(detect("go", "function", "cgi")).isEqualTo(PASSED);
        assertThat(detect("function-cgi", "function", "http")).isEqualTo(NOT_MINE);
        assertThat(detect("function-cgi", "web")).isEqualTo(NOT_MINE);
        for (String pack : new String[] {"function-python", "function-node", "function-java"}) {
            assertThat(detect(pack, "function", "http")).as(pack).isEqualTo(PASSED);
            assertThat(detect(pack, "function", "cgi")).as(pack).isEqualTo(NOT_MINE);
        }
    }

    /** Detection asks about the tree. Nothing of the tree runs in it, whatever its files are called. */
    @Test
    void noModuleOfTheTreeIsRun() throws Exception {
        Path marker = temp.resolve("ran");
        for (String module :
                new String[] {"json", "tomllib", "sys", "os", "encodings", "site", "usercustomize", "sitecustomize"}) {
            file(module + ".py", "open('" + marker + "', 'w')\n");
        }
        file("package.json", "{\"engines\":{\"node\":\"22\"}}");
        file("pyproject.toml", "[project]\nrequires-python = \">=3.9\"\n");
        file("pom.xml", "<project/>");
        file("go.mod", "module x\n\ngo 1.24\n");
        file("Procfile", "web: x\n");
        file("index.html", "");
        try (var all = Files.list(packs)) {
            for (Path pack : all.filter(Files::isDirectory).toList()) {
                for (String kind : new String[] {"web", "function"}) {
                    detect(pack.getFileName().toString(), kind);
                    assertThat(marker).as(pack + " " + kind).doesNotExist();
                }
            }
        }
        assertThat(detect("node", "web")).isEqualTo(PASSED);
        assertThat(detect("python", "web")).isEqualTo(PASSED);
    }

    @Test
    void anEmptyTreeIsForNobody() throws Exception {
        try (var all = Files.list(packs)) {
            for (Path pack : all.filter(Files::isDirectory).toList()) {
                assertThat(detect(pack.getFileName().toString(), "web"))
                        .as(pack.toString())
                        .isEqualTo(NOT_MINE);
            }
        }
    }

    private void file(String name, String content) throws IOException {
        Files.writeString(app.resolve(name), content);
    }

    private String plan() throws IOException {
        return Files.readString(temp.resolve("plan.toml"));
    }

    private int detect(String pack, String kind) throws IOException, InterruptedException {
        return detect(pack, kind, "http");
    }

    private int detect(String pack, String kind, String signature) throws IOException, InterruptedException {
        Files.writeString(temp.resolve("plan.toml"), "");
        ProcessBuilder builder = new ProcessBuilder(
                        packs.resolve(pack).resolve("bin/detect").toString())
                .directory(app.toFile())
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("output").toFile());
        builder.environment()
                .putAll(Map.of(
                        "MAYFLY_KIND",
                        kind,
                        "MAYFLY_FUNCTION_SIGNATURE",
                        signature,
                        "CNB_BUILD_PLAN_PATH",
                        temp.resolve("plan.toml").toString()));
        return builder.start().waitFor();
    }
}
