package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.model.Zygote;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.OwnZygote;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.pool.core.Wanted;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.process.ProcessRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which releases share generic instances; that these work is GenericIT's and the end-to-end tests' to show. */
class LateBindingTest {
    private static final String SHIM = "/layers/f/shim/shim";

    @TempDir
    Path folder;

    private LateBinding binding;

    @BeforeEach
    void open() {
        open(PoolConfig.Keeping.Zygotes.TENANT);
    }

    private void open(PoolConfig.Keeping.Zygotes sharing) {
        SandboxRuntime runtime = new ProcessRuntime();
        ImageRoots images = new OfLanguages();
        SocketFolders sockets = new SocketFolders(folder.resolve("sockets"), Set.of());
        binding = new LateBinding(
                new SandboxStarter(new One(runtime), images, sockets), runtime, images, sockets, sharing);
    }

    private static ReleaseToRun release(AppKind kind, String language, Limits limits) {
        return new ReleaseToRun(
                new ReleaseRef(AppRef.of("acme", "greeter"), 1),
                language,
                new ProcessSpec(List.of(language, SHIM, "main", "greet", "http"), Map.of(), "/workspace"),
                Map.of(),
                new AppSpec(kind, EgressPolicy.NONE, limits, Optional.empty(), Optional.empty()));
    }

    private Optional<GenericKey> key(String language, Limits limits) {
        return binding.wanted(release(AppKind.FUNCTION, language, limits)).generic();
    }

    private static Limits limits(int memory, OptionalInt io) {
        return new Limits(
                memory, 1, 64, 16, 1, Duration.ofSeconds(9), Duration.ofSeconds(9), Duration.ofSeconds(9), io);
    }

    @Test
    void anAppThatWasMadeAgainIsNotTakenForTheOldOne() {
        assertThat(key("python", Limits.DEFAULTS))
                .hasValueSatisfying(key -> assertThat(key.value()).startsWith("python/"));
        assertThat(key("node", Limits.DEFAULTS))
                .hasValueSatisfying(key -> assertThat(key.value()).startsWith("node/"));
    }

    @Test
    void whatARuntimeSizesItselfByMustBeTheSameAndNothingElse() {
        Optional<GenericKey> plain = key("python", limits(128, OptionalInt.empty()));
        assertThat(key("python", limits(128, OptionalInt.of(50)))).isPresent().isEqualTo(plain);
        assertThat(key("python", limits(256, OptionalInt.empty()))).isPresent().isNotEqualTo(plain);
    }

    @Test
    void webAppsAndImagesWithoutAGenericPartHaveNone() {
        assertThat(binding.wanted(release(AppKind.WEB, "python", Limits.DEFAULTS))
                        .generic())
                .isEmpty();
        assertThat(key("go", Limits.DEFAULTS)).isEmpty();
    }

    @Test
    void onlyWhatIsOfOneTenantIsForkedUnlessTheOperatorSaysOtherwise() {
        Wanted python = binding.wanted(release(AppKind.FUNCTION, "python", Limits.DEFAULTS));
        GenericKey anybodys = python.generic().orElseThrow();
        GenericKey acmes = new GenericKey(
                anybodys.value(), Optional.of(new OwnZygote(python.zygote().orElseThrow(), new TenantName("acme"), 1)));
        assertThat(binding.forks(anybodys)).isFalse();
        assertThat(binding.forks(acmes)).isTrue();
        assertThat(binding.wanted(release(AppKind.FUNCTION, "node", Limits.DEFAULTS))
                        .zygote())
                .isEmpty();

        open(PoolConfig.Keeping.Zygotes.MACHINE);
        Wanted shared = binding.wanted(release(AppKind.FUNCTION, "python", Limits.DEFAULTS));
        assertThat(shared.zygote()).isEmpty();
        assertThat(binding.forks(shared.generic().orElseThrow())).isTrue();

        open(PoolConfig.Keeping.Zygotes.OFF);
        Wanted started = binding.wanted(release(AppKind.FUNCTION, "python", Limits.DEFAULTS));
        assertThat(started.zygote()).isEmpty();
        assertThat(binding.forks(started.generic().orElseThrow())).isFalse();
    }

    private record OfLanguages() implements ImageRoots {
        @Override
        public List<Path> layers(String image) {
            return List.of();
        }

        @Override
        public Optional<GenericRuntime> generic(String image) {
            return image.equals("go")
                    ? Optional.empty()
                    : Optional.of(new GenericRuntime(
                            image,
                            List.of(Path.of("/")),
                            new ProcessSpec(List.of(image, SHIM, "--generic"), Map.of(), "/workspace"),
                            image.equals("python")
                                    ? Optional.of(new Zygote(List.of(), List.of(image)))
                                    : Optional.empty()));
        }
    }

    private record One(SandboxRuntime runtime) implements RuntimeClasses {
        @Override
        public SandboxRuntime of(Optional<String> name) {
            return runtime;
        }

        @Override
        public List<String> offered() {
            return List.of(runtime.name());
        }

        @Override
        public Map<String, String> orphans() {
            return runtime.orphans();
        }

        @Override
        public void destroyOrphans(Set<String> ids) throws InterruptedException {
            runtime.destroyOrphans(ids);
        }
    }
}
