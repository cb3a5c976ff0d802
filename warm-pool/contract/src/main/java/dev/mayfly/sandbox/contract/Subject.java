package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.SandboxRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;

/** The runtime class under test and how to ask it for sandboxes. */
public record Subject(SandboxRuntime runtime, Set<Can> offers, Path folder, Path layer, AtomicInteger next) {
    public boolean offers(Can what) {
        return offers.contains(what);
    }

    /** The same, asked of another one. */
    public Subject by(SandboxRuntime other) {
        return new Subject(other, offers, folder, layer, next);
    }

    /** A shell in the image; the same path works on the bare host. */
    public SandboxRequest shell(String script) {
        return SandboxRequest.of(layer, "/bin/busybox", "sh", "-c", script);
    }

    public SandboxRequest program(String... argv) {
        return SandboxRequest.of(layer, argv);
    }

    public Started start(SandboxRequest request) throws Exception {
        List<String> out = Collections.synchronizedList(new ArrayList<>());
        List<String> err = Collections.synchronizedList(new ArrayList<>());
        String id = "ins_" + next.incrementAndGet();
        return new Started(runtime.start(request.spec(id, (stderr, line) -> (stderr ? err : out).add(line))), out, err);
    }

    /** Runs to the end and destroys it. */
    public Started run(SandboxRequest request) throws Exception {
        try (Started started = start(request)) {
            started.exit();
            return started;
        }
    }

    /** The message with which this is refused; nothing of it may stay on the machine. */
    public AbstractStringAssert<?> refusal(SandboxRequest request) throws Exception {
        List<String> before = MachineState.state();
        MayflyException refused = null;
        try (Started started = start(request)) {
            started.exit();
        } catch (MayflyException e) {
            refused = e;
        }
        assertThat(refused).as("it was not refused").isNotNull();
        assertThat(MachineState.newSince(before))
                .as("left on the machine by a refused start")
                .isEmpty();
        return Assertions.assertThat(java.util.Objects.requireNonNull(refused).detail());
    }
}
