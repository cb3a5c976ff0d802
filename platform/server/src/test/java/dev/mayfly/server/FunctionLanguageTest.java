package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.buildpacks.BuiltIn;
import dev.mayfly.builders.engine.detect.Buildpack;
import dev.mayfly.builders.engine.detect.Generic;
import dev.mayfly.builders.engine.detect.Order;
import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.builders.toolchains.host.DebianPackages;
import dev.mayfly.builders.toolchains.host.Downloads;
import dev.mayfly.builders.toolchains.host.HostToolchains;
import dev.mayfly.builders.toolchains.host.Proxies;
import dev.mayfly.functions.FunctionLanguages;
import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.model.AppKind;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.Zygote;
import dev.mayfly.server.echo.EchoLanguage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is registered once is found by all that know languages. */
final class FunctionLanguageTest {
    private static final FunctionLanguage ECHO = new EchoLanguage();

    @TempDir
    Path temp;

    private Order order;

    @BeforeEach
    void write() throws IOException {
        Path packs = temp.resolve("packs");
        BuiltIn.writeTo(packs, withEcho());
        order = Order.read(packs);
    }

    private static List<FunctionLanguage> withEcho() {
        List<FunctionLanguage> all = new ArrayList<>(FunctionLanguages.all());
        all.add(ECHO);
        return all;
    }

    static Stream<FunctionLanguage> languages() {
        return withEcho().stream();
    }

    @ParameterizedTest
    @MethodSource("languages")
    void detectionFindsItsBuildpackWhereItsShimLies(FunctionLanguage language) {
        Buildpack buildpack = buildpack(language);
        assertThat(buildpack.directory().resolve("bin/detect")).isExecutable();
        assertThat(buildpack.directory().resolve("shim")).isNotEmptyDirectory();
        assertThat("/layers/" + buildpack.escapedId() + "/shim").isEqualTo(language.shimDirectory());
    }

    @ParameterizedTest
    @MethodSource("languages")
    void aLanguageThatIsBoundLateHasAShimOfItsOwnAndAToolchain(FunctionLanguage language) throws IOException {
        Buildpack buildpack = buildpack(language);
        assertThat(buildpack.generic().isPresent())
                .isEqualTo(buildpack.shimProgram().isPresent());
        for (Generic generic : buildpack.generic().stream().toList()) {
            assertThat(toolchains().names()).contains(generic.toolchain());
            assertThat(toolchainsOfMachine().names()).contains(generic.toolchain());
        }
    }

    @Test
    void functionsAreTriedBeforeAppsInTheOrderOfTheList() {
        List<String> tried = order.groups().stream()
                .map(group -> group.getLast().buildpack().id())
                .toList();
        assertThat(tried)
                .startsWith(withEcho().stream()
                        .map(each -> "mayfly/" + each.buildpack())
                        .toArray(String[]::new));
        assertThat(tried).contains("mayfly/static");
    }

    @Test
    void whoseFunctionIsNobodysReadsWhatItCouldBe() {
        assertThat(order.buildpacks())
                .extracting(each -> each.expects().get(AppKind.FUNCTION))
                .contains("a .py file", "an .echo file");
    }

    @Test
    void itsGenericPartHasAZygote() {
        Generic generic = buildpack(ECHO).generic().orElseThrow();
        GenericPart part = new GenericPart(
                List.of("base", "go", "shim"),
                new ProcessSpec(
                        List.of(
                                "/cnb/toolchains/go/1/" + generic.program(),
                                ECHO.shimDirectory() + "/echo.sh",
                                generic.arguments().getLast()),
                        Map.of("PATH", "/bin", "HOME", "/tmp", "LANG", "C.UTF-8", "ECHO", "1"),
                        "/workspace"));
        Zygote zygote = new LanguageZygotes(temp.resolve("zygotes"), withEcho())
                .of(part, _ -> List.of(Path.of("below")))
                .orElseThrow();
        assertThat(zygote.argv())
                .containsExactly("/cnb/toolchains/go/1/bin/echo", "-x", ECHO.shimDirectory() + "/echo.sh", "--zygote");
        assertThat(zygote.layers().getFirst().resolve(ECHO.shimDirectory().substring(1) + "/echo.sh"))
                .isRegularFile();
    }

    private Buildpack buildpack(FunctionLanguage language) {
        return order.buildpacks().stream()
                .filter(each -> each.id().equals("mayfly/" + language.buildpack()))
                .findFirst()
                .orElseThrow();
    }

    private HostToolchains toolchains() throws IOException {
        return HostToolchains.open(
                temp.resolve("toolchains"),
                downloads(),
                new DebianPackages(Optional.empty(), Set.of(), Map.of()),
                Map.of());
    }

    private HostToolchains toolchainsOfMachine() throws IOException {
        return HostToolchains.ofMachine(temp.resolve("toolchains"), downloads(), Map.of());
    }

    private static Downloads downloads() throws IOException {
        Proxies none = new Proxies(Optional.empty(), Optional.empty(), Optional.empty());
        return Downloads.of(none, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
