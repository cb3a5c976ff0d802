package dev.mayfly.sandbox.choice;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.ShortFolder;
import dev.mayfly.sandbox.docker.DockerRuntime;
import dev.mayfly.sandbox.launcher.NativeRuntime;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import dev.mayfly.sandbox.oci.OciRuntime;
import dev.mayfly.sandbox.process.ProcessRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The runtime classes of this server: the default is opened at the start, another when the first app asks for it. All share
 * one set of networks.
 */
public final class Runtimes implements RuntimeClasses, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Runtimes.class);
    private static final String PROCESS = "process";

    /** A killed launcher or server has a successor before that. */
    private static final Duration KEEP = Duration.ofSeconds(30);

    private final SandboxConfig config;
    private final Path run;
    private final String tag;
    private volatile List<String> offered;
    private final @Nullable Networks networks;
    private final Map<String, SandboxRuntime> open = new LinkedHashMap<>();

    private final SandboxListener listener;
    private final Sweeper sweeper;

    private Runtimes(
            SandboxConfig config,
            Path run,
            List<String> offered,
            @Nullable Networks networks,
            SandboxListener listener,
            Health health) {
        this.listener = listener;
        this.sweeper = new Sweeper(this::opened, networks, listener, health);
        this.config = config;
        this.run = run;
        this.tag = tag(run);
        this.offered = offered;
        this.networks = networks;
    }

    /** With a health that nobody asks. */
    public static Runtimes open(SandboxConfig config, NetworkConfig network, Path run, SandboxListener listener)
            throws InterruptedException {
        return open(config, network, run, listener, new Health());
    }

    /**
     * Also sweeps: at the start, when a class is opened, and every minute.
     *
     * @param run folder for everything that sandboxes need; emptied of a predecessor's
     * @param listener told of what is left and what the sweeps find
     * @param health learns whether sandboxes can be made
     * @throws MayflyException {@code CONFIG_INVALID} if the chosen class does not work here, or nobody chose one and there are
     *     none but such as are too old; saying why
     */
    public static Runtimes open(
            SandboxConfig config, NetworkConfig network, Path run, SandboxListener listener, Health health)
            throws InterruptedException {
        List<RuntimeProbe.Finding> findings = RuntimeProbe.all(config);
        List<String> offered = offered(config, findings);
        tellOld(findings, offered);
        boolean isolates = offered.stream().anyMatch(name -> !name.equals(PROCESS));
        Networks networks = null;
        if (isolates) {
            OciRuntime.prepare(run);
            networks = new Networks(network, run.resolve("netns"), tag(run), health);
        }
        Runtimes runtimes = new Runtimes(config, run, offered, networks, listener, health);
        try {
            runtimes.openDefault(config.runtime().equals("auto"));
            for (RuntimeProbe.Finding each : findings) {
                if (each.works() && Files.exists(run.resolve(each.name()))) {
                    runtimes.sweepLeft(each.name());
                }
            }
            runtimes.sweeper.start();
            return runtimes;
        } catch (RuntimeException | InterruptedException e) {
            runtimes.close();
            throw e;
        }
    }

    /**
     * The default first, then what an app may choose besides. What is too old is among them only where the configuration names
     * it: that is the operator's word for it.
     */
    static List<String> offered(SandboxConfig config, List<RuntimeProbe.Finding> findings) {
        RuntimeProbe.Finding chosen = config.runtime().equals("auto") ? automatic(findings) : named(config, findings);
        requireWorks("sandbox.runtime", chosen);
        List<String> offered = new ArrayList<>(List.of(chosen.name()));
        for (RuntimeProbe.Finding each : findings) {
            boolean listed = config.offered().contains(each.name());
            if (listed) {
                requireWorks("sandbox.offered", each);
            }
            boolean fits = config.offered().isEmpty() && each.isFit() && strength(each) >= strength(chosen);
            if ((listed || fits) && !offered.contains(each.name())) {
                offered.add(each.name());
            }
        }
        return List.copyOf(offered);
    }

    private static RuntimeProbe.Finding named(SandboxConfig config, List<RuntimeProbe.Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.name().equals(config.runtime()))
                .findFirst()
                .orElseThrow();
    }

    /** Never one without isolation, or one that is known to keep nobody in, because nothing better is there: the operator decides. */
    private static RuntimeProbe.Finding automatic(List<RuntimeProbe.Finding> findings) {
        RuntimeProbe.Finding first = findings.stream()
                .filter(RuntimeProbe.Finding::isFit)
                .findFirst()
                .orElseThrow();
        List<RuntimeProbe.Finding> old =
                findings.stream().filter(each -> each.works() && !each.isFit()).toList();
        if (first.name().equals(PROCESS) && !old.isEmpty()) {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "sandbox.runtime: 'auto' finds nothing but what is too old for strangers' code: "
                            + old.stream().map(Runtimes::described).collect(Collectors.joining("; "))
                            + " (expected: a C compiler, so that class native can be built (apt-get install gcc"
                            + " libc6-dev), or a newer version; if only code runs here that you trust, or your"
                            + " distribution has put the fixes into this version: sandbox.runtime = \""
                            + old.getFirst().name() + "\")");
        }
        return first;
    }

    private static String described(RuntimeProbe.Finding finding) {
        return finding.name() + finding.version().map(version -> " " + version).orElse("") + ", "
                + finding.tooOld().orElse("");
    }

    private static void tellOld(List<RuntimeProbe.Finding> findings, List<String> offered) {
        for (RuntimeProbe.Finding each : findings) {
            if (each.works() && !each.isFit()) {
                boolean taken = offered.contains(each.name());
                log.atLevel(taken ? Level.WARN : Level.INFO)
                        .addKeyValue("class", each.name())
                        .addKeyValue("version", each.version().orElse("unknown"))
                        .addKeyValue("why", each.tooOld().orElse(""))
                        .log(
                                taken
                                        ? "A runtime class is too old for strangers' code, and offered as the configuration names it"
                                        : "A runtime class is too old for strangers' code, and not offered");
            }
        }
    }

    private static void requireWorks(String key, RuntimeProbe.Finding finding) {
        finding.missing().ifPresent(why -> {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID, key + ": '" + finding.name() + "' does not work here: " + why);
        });
    }

    /** How much an app must get past: nothing, the machine's kernel, a kernel in a process, a machine of its own. */
    private static int strength(RuntimeProbe.Finding finding) {
        return switch (finding.name()) {
            case PROCESS -> 0;
            case "runsc" -> 2;
            case "kata" -> 3;
            default -> 1;
        };
    }

    @Override
    public synchronized SandboxRuntime of(Optional<String> name) throws InterruptedException {
        String wanted = name.orElse(offered.getFirst());
        SandboxRuntime runtime = open.get(wanted);
        if (runtime != null) {
            return runtime;
        }
        if (!offered.contains(wanted)) {
            throw new MayflyException(
                    ErrorCode.UNSUPPORTED,
                    "runtime: '" + wanted + "' (expected: one that this server offers: " + String.join(", ", offered)
                            + ")");
        }
        runtime = new WatchedRuntime(make(wanted), listener);
        open.put(wanted, runtime);
        runtime.destroyOrphans(unlabelled(runtime));
        runtime.sweep();
        return runtime;
    }

    /** What a predecessor left of this class, which it may have offered and this one not. */
    private void sweepLeft(String name) throws InterruptedException {
        if (offered.contains(name)) {
            of(Optional.of(name));
            return;
        }
        if (networks == null) {
            return; // Without privileges nothing of it can be touched.
        }
        try (SandboxRuntime runtime = new WatchedRuntime(make(name), listener)) {
            runtime.destroyOrphans(runtime.orphans().keySet());
            runtime.sweep();
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("class", name).setCause(e).log("What a predecessor left of it is not swept");
        }
    }

    /** Nobody wants to know anything of them: work that a predecessor did not end. */
    private static Set<String> unlabelled(SandboxRuntime runtime) {
        return runtime.orphans().entrySet().stream()
                .filter(orphan -> orphan.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private SandboxRuntime make(String name) throws InterruptedException {
        if (name.equals(PROCESS)) {
            return new ProcessRuntime();
        }
        Networks shared = Objects.requireNonNull(networks);
        return switch (name) {
            case "native" -> new NativeRuntime(run.resolve(name), tag, shared, config.userNamespaces(), KEEP);
            case "docker" -> DockerRuntime.open(config.dockerSocket(), run, tag, shared);
            default ->
                OciRuntime.open(name, Objects.requireNonNull(config.programs().get(name)), run, tag, shared);
        };
    }

    /** Where nobody chose, a class that does not open after all gives way to the next. */
    private synchronized void openDefault(boolean chosenByUs) throws InterruptedException {
        while (true) {
            try {
                of(Optional.empty());
                return;
            } catch (MayflyException e) {
                if (!chosenByUs || offered.size() == 1) {
                    throw e;
                }
                log.atWarn()
                        .addKeyValue("class", offered.getFirst())
                        .setCause(e)
                        .log("Runtime class does not open; taking the next");
                offered = offered.subList(1, offered.size());
            }
        }
    }

    private synchronized List<SandboxRuntime> opened() {
        return List.copyOf(open.values());
    }

    /** Sweeps everything now, not only when its minute is over. */
    public void sweep() {
        sweeper.sweepAll();
    }

    /** Sandboxes of all open classes, a few seconds old at most. Does not block. */
    public SandboxHealth health() {
        return sweeper.health();
    }

    /** Networks, at this moment. Does not block. */
    public Networks.Counts networks() {
        return networks == null ? Networks.Counts.NONE : networks.counts();
    }

    @Override
    public List<String> offered() {
        return offered;
    }

    /** Where sockets of this server's instances may lie, however long the path of its data folder is. */
    public Path sockets() {
        return ShortFolder.make(tag).resolve("fn");
    }

    @Override
    public Map<String, String> orphans() {
        Map<String, String> all = new HashMap<>();
        opened().forEach(runtime -> all.putAll(runtime.orphans()));
        return all;
    }

    @Override
    public void destroyOrphans(Set<String> ids) throws InterruptedException {
        for (SandboxRuntime runtime : opened()) {
            runtime.destroyOrphans(ids);
        }
    }

    /** Four hexadecimal characters that stay the same for a data folder. */
    public static String tag(Path folder) {
        return String.format(
                "%04x", folder.toAbsolutePath().normalize().toString().hashCode() & 0xffff);
    }

    @Override
    public void close() {
        sweeper.close(); // Before the lock: a sweep asks for the open classes.
        closeAll();
    }

    private synchronized void closeAll() {
        open.values().forEach(SandboxRuntime::close);
        open.clear();
        ShortFolder.remove(tag);
        if (networks != null) {
            networks.close();
            NativeRuntime.removeCgroups(tag); // Also where it did not open, and another class took its place.
            try {
                OciRuntime.cleanUp(run);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
