package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.SandboxRuntime;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every runtime class must pass. A subclass says how to open the class and what it offers; where it offers something
 * not, the suite asserts that it refuses in clear words. Needs root and a mount namespace of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SandboxRuntimeContract
        implements LifecycleContract,
                LimitsContract,
                InsideContract,
                BadInputContract,
                IsolationContract,
                NetworkContract,
                BombsContract {
    private final Set<Can> offers;
    private @Nullable Subject subject;
    private @Nullable List<String> before;

    protected SandboxRuntimeContract(Set<Can> offers) {
        this.offers = offers;
    }

    /**
     * Opens the class.
     *
     * @param run folder of this server's sandboxes
     * @param tag four characters that tell this test from others on the machine
     */
    protected abstract SandboxRuntime open(Path run, String tag) throws Exception;

    @Override
    public SandboxRuntime another() throws Exception {
        throw new IllegalStateException("to be said by who offers to sweep");
    }

    /** Ends what {@link #open} started besides the runtime. */
    protected abstract void closeOthers() throws Exception;

    @BeforeAll
    void openIt(@TempDir Path folder) throws Exception {
        before = MachineState.all();
        Path layer = Image.make(folder);
        subject =
                new Subject(open(folder.resolve("run"), MachineState.TAG), offers, folder, layer, new AtomicInteger());
        subject.run(subject.shell(
                "true")); // What is made once, such as parents of cgroups, is there before the tests count.
    }

    @AfterAll
    void closeIt() throws Exception {
        if (subject != null) {
            subject.runtime().sweep(); // What a failed test left.
            subject.runtime().close();
        }
        closeOthers();
        assertThat(MachineState.allNewSince(Objects.requireNonNull(before)))
                .as("left on the machine by the whole suite")
                .isEmpty();
    }

    @Override
    public Subject subject() {
        return Objects.requireNonNull(subject);
    }
}
