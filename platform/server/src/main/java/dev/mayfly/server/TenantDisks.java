package dev.mayfly.server;

import dev.mayfly.builders.engine.disk.DiskUse;
import dev.mayfly.builders.engine.disk.Measure;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.control.deploy.KeepConfig;
import dev.mayfly.model.TenantName;
import dev.mayfly.store.Apps;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tenants take of the disk: layers of their images that are kept, once each; caches, repositories, logs. Base images and
 * toolchains are shared and nobody's. Measured in the background, after each build of the tenant, and again and again while
 * it takes too much; asked by pushes.
 */
final class TenantDisks {
    private static final Logger log = LoggerFactory.getLogger(TenantDisks.class);
    static final Duration PERIOD = Duration.ofSeconds(5);
    private static final long MIB = 1024 * 1024;
    private static final List<String> FOLDERS = List.of("cache", "git", "logs");

    private final Store store;
    private final ImageStore images;
    private final KeepConfig keep;
    private final Path data;
    private final Tape tape;
    private final Map<TenantName, Long> bytes = new ConcurrentHashMap<>();
    private final Set<TenantName> changed = ConcurrentHashMap.newKeySet();

    /** As {@link Measure#tree}. */
    @FunctionalInterface
    interface Tape {
        Optional<DiskUse> tree(Path folder) throws IOException, InterruptedException;
    }

    TenantDisks(Store store, ImageStore images, KeepConfig keep, Path data) {
        this(store, images, keep, data, Measure::tree);
    }

    TenantDisks(Store store, ImageStore images, KeepConfig keep, Path data, Tape tape) {
        this.store = store;
        this.images = images;
        this.keep = keep;
        this.data = data;
        this.tape = tape;
    }

    /** Something of the tenant was built or destroyed: it is measured anew soon. */
    void changed(TenantName tenant) {
        changed.add(tenant);
    }

    void allChanged() {
        changed.addAll(store.tenants().all());
    }

    /**
     * Measures the tenants that have changed, and those that may not push: much of what they took is freed without a word. Blocks
     * for as long as their folders take to walk.
     *
     * @throws IOException if some could not be measured, after all others; they are tried again next time
     */
    void measure() throws IOException, InterruptedException {
        bytes.keySet().stream().filter(each -> refusal(each).isPresent()).forEach(changed::add);
        IOException failed = new IOException("tenants could not be measured");
        for (TenantName each : List.copyOf(changed)) {
            changed.remove(each); // First: what changes meanwhile counts next time.
            boolean looked = false;
            try {
                measure(each).ifPresent(sum -> bytes.put(each, sum));
                looked = true;
            } catch (IOException | RuntimeException e) {
                failed.addSuppressed(e);
            } finally {
                if (!looked) {
                    changed.add(each);
                }
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }

    /** Bytes of each tenant that was measured. */
    Map<TenantName, Long> used() {
        return Map.copyOf(bytes);
    }

    /** Empty if the disk was too slow to tell. */
    private Optional<Long> measure(TenantName tenant) throws IOException, InterruptedException {
        long sum = 0;
        Map<String, Long> layers = new HashMap<>();
        for (String image : store.releases().keptImages(tenant, keep.releases())) {
            if (images.has(image)) {
                layers.putAll(images.ownLayers(image));
            }
        }
        for (long each : layers.values()) {
            sum += each;
        }
        for (String folder : FOLDERS) {
            Optional<DiskUse> use = tape.tree(data.resolve(folder).resolve(tenant.value()));
            if (use.isPresent() && !Measure.isKnown(use.get())) {
                log.atWarn()
                        .addKeyValue("tenant", tenant)
                        .addKeyValue("folder", folder)
                        .log("A tenant's folder cannot be walked in time; what it took before counts on");
                return Optional.empty();
            }
            sum += use.map(DiskUse::bytes).orElse(0L);
        }
        for (Apps.App app : store.apps().list(tenant)) {
            for (Builds.Build build : store.builds().list(app.ref(), keep.builds())) {
                Path log = Deployer.logOf(data.resolve("builds"), build.id());
                sum += Files.exists(log) ? Files.size(log) : 0;
            }
        }
        return Optional.of(sum);
    }

    /** Why a push of the tenant is refused; empty if it has room or was not measured yet. */
    Optional<String> refusal(TenantName tenant) {
        long used = bytes.getOrDefault(tenant, 0L);
        if (used < keep.tenantDiskMib() * MIB) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "tenant '%s' takes %d MiB of the disk and may take %d (tenant.disk-mib); destroy apps it does not need, or"
                        + " ask the operator",
                tenant,
                used / MIB,
                keep.tenantDiskMib()));
    }
}
