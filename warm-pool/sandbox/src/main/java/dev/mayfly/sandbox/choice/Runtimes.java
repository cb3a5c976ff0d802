package dev.mayfly.sandbox.choice;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.RuntimeProvider;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SharedPart;
import dev.mayfly.sandbox.ShortFolder;
import dev.mayfly.sandbox.Strength;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The runtime classes of this server: the default is opened at the start, another when the first app asks for it. All share
 * what they have in common ({@link SharedPart}).
 */
public final class Runtimes implements RuntimeClasses, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Runtimes.class);

    private final Map<String, RuntimeProvider> providers;
    private final List<SharedPart> shared;
    private final RuntimeSite site;
    private final boolean isolates;
    private volatile List<String> offered;
    private final Map<String, SandboxRuntime> open = new LinkedHashMap<>();

    private final SandboxListener listener;
    private final Sweeper sweeper;

    private Runtimes(
            Map<String, RuntimeProvider> providers,
            List<SharedPart> shared,
            RuntimeSite site,
            List<String> offered,
            SandboxListener listener,
            Health health) {
        this.providers = providers;
        this.isolates = offered.stream().anyMatch(name -> strength(name) != Strength.NONE);
        this.shared = isolates ? shared : List.of();
        this.site = site;
        this.offered = offered;
        this.listener = listener;
        this.sweeper = new Sweeper(this::opened, this.shared, listener, health);
    }

    /**
     * Also sweeps: at the start, when a class is opened, and every minute.
     *
     * @param providers all classes, in the order in which {@code auto} tries them
     * @param shared what classes that isolate have in common; opened only if one of them is offered, and closed along
     * @param run folder for everything that sandboxes need; emptied of a predecessor's
     * @param listener told of what is left and what the sweeps find
     * @param health learns whether sandboxes can be made
     * @throws MayflyException {@code CONFIG_INVALID} if the chosen class does not work here, or nobody chose one and there are
     *     none but such as are too old; saying why
     */
    public static Runtimes open(
            SandboxConfig config,
            List<RuntimeProvider> providers,
            List<SharedPart> shared,
            Path run,
            SandboxListener listener,
            Health health)
            throws InterruptedException {
        Map<String, RuntimeProvider> named = new LinkedHashMap<>();
        List<RuntimeFinding> findings = new ArrayList<>();
        for (RuntimeProvider each : providers) {
            named.put(each.name(), each);
            findings.add(each.probe());
        }
        List<String> offered = offered(config, findings);
        tellOld(findings, offered);
        Runtimes runtimes = new Runtimes(named, shared, RuntimeSite.of(run), offered, listener, health);
        try {
            runtimes.prepare(health);
            runtimes.openDefault(config.isAutomatic());
            for (RuntimeFinding each : findings) {
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

    private void prepare(Health health) throws InterruptedException {
        if (!isolates) {
            return;
        }
        for (RuntimeProvider each : providers.values()) {
            each.prepare(site);
        }
        for (SharedPart each : shared) {
            each.open(site, health);
        }
    }

    /**
     * The default first, then what an app may choose besides. What is too old is among them only where the configuration names
     * it: that is the operator's word for it.
     */
    static List<String> offered(SandboxConfig config, List<RuntimeFinding> findings) {
        RuntimeFinding chosen = config.isAutomatic() ? automatic(findings) : named(config, findings);
        requireWorks("sandbox.runtime", chosen);
        List<String> offered = new ArrayList<>(List.of(chosen.name()));
        for (RuntimeFinding each : findings) {
            boolean listed = config.offered().contains(each.name());
            if (listed) {
                requireWorks("sandbox.offered", each);
            }
            boolean fits = config.offered().isEmpty()
                    && each.isFit()
                    && each.strength().compareTo(chosen.strength()) >= 0;
            if ((listed || fits) && !offered.contains(each.name())) {
                offered.add(each.name());
            }
        }
        return List.copyOf(offered);
    }

    private static RuntimeFinding named(SandboxConfig config, List<RuntimeFinding> findings) {
        return findings.stream()
                .filter(finding -> finding.name().equals(config.runtime()))
                .findFirst()
                .orElseThrow();
    }

    /** Never one without isolation, or one that is known to keep nobody in, because nothing better is there: the operator decides. */
    private static RuntimeFinding automatic(List<RuntimeFinding> findings) {
        RuntimeFinding first =
                findings.stream().filter(RuntimeFinding::isFit).findFirst().orElseThrow();
        List<RuntimeFinding> old =
                findings.stream().filter(each -> each.works() && !each.isFit()).toList();
        if (first.strength() == Strength.NONE && !old.isEmpty()) {
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

    private static String described(RuntimeFinding finding) {
        return finding.name() + finding.version().map(version -> " " + version).orElse("") + ", "
                + finding.tooOld().orElse("");
    }

    private static void tellOld(List<RuntimeFinding> findings, List<String> offered) {
        for (RuntimeFinding each : findings) {
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

    private static void requireWorks(String key, RuntimeFinding finding) {
        finding.missing().ifPresent(why -> {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID, key + ": '" + finding.name() + "' does not work here: " + why);
        });
    }

    private RuntimeProvider provider(String name) {
        return Objects.requireNonNull(providers.get(name));
    }

    private Strength strength(String name) {
        return provider(name).strength();
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
        runtime = new WatchedRuntime(provider(wanted).open(site), listener);
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
        if (!isolates) {
            return; // Without privileges nothing of it can be touched.
        }
        try (SandboxRuntime runtime = new WatchedRuntime(provider(name).open(site), listener)) {
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

    @Override
    public List<String> offered() {
        return offered;
    }

    /** Where sockets of this server's instances may lie, however long the path of its data folder is. */
    public Path sockets() {
        return ShortFolder.make(site.tag()).resolve("fn");
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

    @Override
    public void close() {
        sweeper.close(); // Before the lock: a sweep asks for the open classes.
        closeAll();
    }

    private synchronized void closeAll() {
        open.values().forEach(SandboxRuntime::close);
        open.clear();
        ShortFolder.remove(site.tag());
        shared.reversed().forEach(SharedPart::close);
        if (isolates) {
            cleanUp();
        }
    }

    private void cleanUp() {
        try {
            for (RuntimeProvider each : providers.values()) {
                each.cleanUp(site);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
