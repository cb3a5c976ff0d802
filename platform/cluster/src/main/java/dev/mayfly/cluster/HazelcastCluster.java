package dev.mayfly.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.map.IMap;
import com.hazelcast.topic.ITopic;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that know each other by Hazelcast: events by a topic, views by a map. Only JSON text travels, so that versions can
 * differ and nothing foreign is ever deserialised. Members are named; there is no discovery.
 */
final class HazelcastCluster implements Cluster {
    private static final Logger log = LoggerFactory.getLogger(HazelcastCluster.class);
    private static final int QUEUE_MAX = 10_000;
    private static final String EVENTS = "events";
    private static final String VIEWS = "views";
    private static final String NAME = "server";

    private final String self;
    private final HazelcastInstance hazelcast;
    private final ITopic<String> topic;
    private final IMap<String, String> views;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> outgoing = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final Supervised sender;
    private final Health.Registration check;

    HazelcastCluster(ClusterConfig config, String self, Health health) {
        this.self = self;
        this.hazelcast = start(config, self);
        this.topic = hazelcast.getTopic(EVENTS);
        this.views = hazelcast.getMap(VIEWS);
        topic.addMessageListener(message -> {
            if (!message.getPublishingMember().equals(hazelcast.getCluster().getLocalMember())) {
                listeners.forEach(each -> each.accept(message.getMessageObject()));
            }
        });
        this.check = health.add(
                Part.SIGHT,
                "cluster",
                () -> hazelcast.getLifecycleService().isRunning()
                        ? Optional.empty()
                        : Optional.of("Hazelcast has ended; the other servers are not heard"));
        this.sender = health.loop(Part.SIGHT, "cluster-send", this::send);
    }

    private static HazelcastInstance start(ClusterConfig cluster, String self) {
        Config config = new Config();
        config.setClusterName(cluster.name());
        config.setInstanceName(self);
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", "15");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.getMemberAttributeConfig().setAttribute(NAME, self);
        config.getJetConfig().setEnabled(false);
        NetworkConfig network = config.getNetworkConfig();
        network.setPort(cluster.port()).setPortAutoIncrement(false);
        network.getInterfaces().setEnabled(true).addInterface(cluster.host());
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).setMembers(new ArrayList<>(cluster.members()));
        try {
            return Hazelcast.newHazelcastInstance(config);
        } catch (RuntimeException e) {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "cluster.port: " + cluster.host() + ":" + cluster.port()
                            + " (expected: an address of this machine and a" + " free port): " + e.getMessage(),
                    e);
        }
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public List<String> members() {
        return hazelcast.getCluster().getMembers().stream()
                .map(member -> String.valueOf(member.getAttribute(NAME)))
                .sorted()
                .toList();
    }

    @Override
    public void broadcast(String json) {
        if (!outgoing.offer(json)) {
            log.debug("Message dropped: too many wait to be sent");
        }
    }

    @Override
    public AutoCloseable listen(Consumer<String> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void announce(String key, String json) {
        try {
            // A server that dies without a word is forgotten after a while.
            views.set(key + "/" + self, json, 30, TimeUnit.SECONDS);
        } catch (HazelcastInstanceNotActiveException e) {
            log.debug("Not announced: shutting down", e);
        }
    }

    @Override
    public List<String> others(String key) {
        Set<String> present = Set.copyOf(members());
        List<String> found = new ArrayList<>();
        try {
            for (Map.Entry<String, String> each : views.entrySet()) {
                String name = each.getKey();
                if (name.startsWith(key + "/")
                        && !name.endsWith("/" + self)
                        && present.contains(name.substring(key.length() + 1))) {
                    found.add(each.getValue());
                }
            }
        } catch (HazelcastInstanceNotActiveException e) {
            log.debug("Nothing known of others: shutting down", e);
        }
        return found;
    }

    private void send() throws InterruptedException {
        String json = outgoing.take();
        try {
            topic.publish(json);
        } catch (HazelcastInstanceNotActiveException e) {
            log.debug("A message is not sent: shutting down", e);
        } catch (RuntimeException e) {
            // One is lost, as messages may be; the next one may cross again.
            log.warn("A message could not be sent to the other servers", e);
        }
    }

    @Override
    public void close() {
        check.close();
        sender.close();
        hazelcast.shutdown();
    }
}
