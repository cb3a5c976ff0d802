package dev.mayfly.pool.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
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
        SandboxRuntime runtime = new ProcessRuntime();
        ImageRoots images = new OfLanguages();
        SocketFolders sockets = new SocketFolders(folder.resolve("sockets"), Set.of());
        binding = new LateBinding(new Start(new One(runtime), images, sockets), runtime, images, sockets);
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
        return binding.keyOf(release(AppKind.FUNCTION, language, limits));
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
        assertThat(binding.keyOf(release(AppKind.WEB, "python", Limits.DEFAULTS)))
                .isEmpty();
        assertThat(key("go", Limits.DEFAULTS)).isEmpty();
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
                            Optional.empty()));
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
