package dev.mayfly.server;

import dev.mayfly.builders.engine.Engine;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.control.deploy.AppService;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.control.deploy.KeepConfig;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what nobody needs any more, some seconds after it is so: folders of builds that a kill interrupted, images behind those
 * that an app may go back to, old caches, records and logs. Also looks after the database: opens it when it was away, and puts
 * right what could not be written down meanwhile. The operator guide lists what grows and how far.
 */
final class Housekeeping {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    static final Duration PERIOD = Duration.ofSeconds(5);

    /** Between two looks at everything while the disk is roomy and nothing has changed. */
    private static final Duration ALL_EVERY = Duration.ofMinutes(5);

    /**
     * What is cleaned.
     *
     * @param builds folder of builds and their logs
     */
    record Rooms(
            Store store,
            Engine engine,
            ImageStore images,
            Instances instances,
            Deployer deployer,
            AppService apps,
            DiskSpace space,
            KeepConfig keep,
            Path builds,
            ServerLog serverLog,
            Clock clock) {}

    private final Rooms rooms;
    private long outagesSeen;
    private Instant allAt = Instant.MIN;

    Housekeeping(Rooms rooms) {
        this.rooms = rooms;
    }

    /** One round; the first one looks at everything. */
    void turn() throws IOException, InterruptedException {
        rooms.serverLog().bound();
        long outages = rooms.store().outages(); // First: what fails from now on counts next time.
        if (!rooms.store().answers()) {
            return; // Without the books nobody knows what is needed.
        }
        int ended = rooms.deployer()
                .endLost(ErrorCode.STORE_UNAVAILABLE, "Mayfly could not write down how it ended; push again.");
        if (outages != outagesSeen) {
            // A change whose acknowledgement was lost may be in the books all the same: what serves is what they say.
            rooms.apps().refreshRoutes();
            outagesSeen = outages;
            log.atInfo().addKeyValue("builds", ended).log("Put right what the database missed while it was away");
        }
        rooms.store().compactIfGrown();
        boolean roomy = rooms.space().level() == DiskSpace.Level.ROOMY;
        Instant now = rooms.clock().instant();
        if (!roomy || allAt.plus(ALL_EVERY).isBefore(now)) {
            all(now);
            allAt = now;
        }
    }

    private void all(Instant now) throws IOException {
        int folders = rooms.engine().deleteAbandoned();
        int records = rooms.store().releases().deleteBeyond(rooms.keep().records())
                + rooms.store().configs().deleteBeyond(rooms.keep().records())
                + rooms.store().builds().deleteBeyond(rooms.keep().builds())
                + rooms.store().accounts().deleteTokensExpiredBefore(now);
        int logs = BuildLogs.deleteForgotten(rooms.builds(), rooms.store().builds());
        int layers = rooms.images().retainOnly(neededImages(), Set.of());
        int caches = rooms.engine().deleteOldCaches(now);
        if (folders + records + logs + layers + caches > 0) {
            log.atInfo()
                    .addKeyValue("buildFolders", folders)
                    .addKeyValue("layers", layers)
                    .addKeyValue("caches", caches)
                    .addKeyValue("records", records)
                    .addKeyValue("logs", logs)
                    .log("Freed what nobody needs any more");
        }
    }

    /** Instances first: one that starts meanwhile is of a release that the books name. */
    private Set<String> neededImages() {
        Set<String> needed = new HashSet<>();
        for (InstanceView each : rooms.instances().list()) {
            if (each.diedAt().isEmpty()) {
                rooms.store()
                        .releases()
                        .find(each.release().app(), each.release().version())
                        .ifPresent(release -> needed.add(release.of().image()));
            }
        }
        needed.addAll(rooms.store().releases().keptImages(rooms.keep().releases()));
        return needed;
    }
}
