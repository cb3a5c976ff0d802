package dev.mayfly.sandbox.network.names;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Answers one question of one sandbox: only for a name on its list, only with public addresses, and only after the firewall
 * lets it reach those. A name that is not on the list is not even asked for: questions carry words out, too; nor
 * is one where a cloud hands out credentials, on the list or not.
 */
final class Resolver {
    private static final long TTL_MIN = 1;
    private static final long TTL_MAX = 3_600;
    private static final long TTL_NONE = 5;
    private static final int CACHE_MAX = 4_096;

    private record Key(String name, int type) {}

    private record Known(Reply reply, long untilNanos) {}

    private final Clients clients;
    private final Upstream upstream;
    private final PublicAddresses publicAddresses;

    private final Map<Key, Known> cache = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
            return size() > CACHE_MAX;
        }
    };

    Resolver(Clients clients, Upstream upstream, PublicAddresses publicAddresses) {
        this.clients = clients;
        this.upstream = upstream;
        this.publicAddresses = publicAddresses;
    }

    byte[] answer(Clients.Client client, Query query) {
        Set<Integer> ports = clients.ports(client, query.name());
        if (ports.isEmpty() || Metadata.isName(query.name())) {
            return query.failure(Query.REFUSED);
        }
        boolean address = query.questionClass() == Query.INTERNET
                && (query.type() == Query.A || (query.type() == Query.AAAA && clients.hasIpv6()));
        if (!address) {
            return query.failure(Query.OK); // The name is there, but has nothing of that kind.
        }
        Optional<Reply> reply = ask(new Key(query.name(), query.type()));
        if (reply.isEmpty()) {
            return query.failure(Query.SERVER_FAILURE);
        }
        List<byte[]> addresses = reply.get().addresses().stream()
                .filter(publicAddresses::contain)
                .toList();
        if (addresses.isEmpty()) {
            return query.failure(reply.get().code());
        }
        long ttl = Math.clamp(reply.get().ttlSeconds(), TTL_MIN, TTL_MAX);
        boolean allowed = clients.allow(
                client, addresses.stream().map(Resolver::inetAddress).toList(), ports, ttl * 1_000);
        return allowed ? query.answer(Query.OK, addresses, ttl) : query.failure(Query.SERVER_FAILURE);
    }

    private Optional<Reply> ask(Key key) {
        long now = System.nanoTime();
        synchronized (cache) {
            Known known = cache.get(key);
            if (known != null && known.untilNanos() - now > 0) {
                return Optional.of(known.reply());
            }
        }
        Optional<Reply> reply = upstream.ask(key.name(), key.type());
        reply.ifPresent(fresh -> {
            long seconds = fresh.addresses().isEmpty() ? TTL_NONE : Math.clamp(fresh.ttlSeconds(), 0, TTL_MAX);
            synchronized (cache) {
                cache.remove(key);
                cache.put(key, new Known(fresh, System.nanoTime() + seconds * 1_000_000_000L));
            }
        });
        return reply;
    }

    private static InetAddress inetAddress(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes); // Of IPv6 only what the filter passed: nothing in disguise.
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
