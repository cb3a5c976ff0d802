package dev.mayfly.gateway.instance;

import dev.mayfly.pool.api.InstanceAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections to instances of one event loop, kept for a moment after use and never shared between two instances. There are as
 * many in use as there are leases, and at most so many more wait. Confined to its event loop.
 */
public final class Instances {
    /** Below the idle time of the servers that apps use (gunicorn 2 s, Node 5 s), so that none closes on a request of ours. */
    private static final long KEEP_ALIVE_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long ASK_AGAIN_MILLIS = 10;

    /** An address may come back under another instance. */
    record Key(String instance, InstanceAddress address) {}

    private final ContextInternal context;
    private final LongSupplier nanos;
    private final int waitingMax;
    private final long connectNanos;
    private final Bootstrap tcp;
    private final Bootstrap unix;
    private final Map<Key, Deque<InstanceConnection>> waiting = new HashMap<>();
    private final Set<InstanceConnection> lingering = new HashSet<>();
    private boolean closed;

    /**
     * For the event loop that this is called on.
     *
     * @param nanos the time by which they are timed
     * @param waitingMax connections to one instance that wait for use
     */
    public Instances(Vertx vertx, LongSupplier nanos, Duration connectTimeout, int waitingMax) {
        this.context = ((VertxInternal) vertx).getOrCreateContext();
        this.nanos = nanos;
        this.waitingMax = waitingMax;
        this.connectNanos = connectTimeout.toNanos();
        this.tcp = bootstrap(false, connectTimeout).option(ChannelOption.TCP_NODELAY, true);
        this.unix = bootstrap(true, connectTimeout);
    }

    private Bootstrap bootstrap(boolean local, Duration connectTimeout) {
        return new Bootstrap()
                .group(context.nettyEventLoop())
                .channelFactory(context.owner().transport().channelFactory(local))
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(connectTimeout.toMillis()))
                // An instance that no longer takes what we write may have answered already, and that can be read.
                .option(ChannelOption.AUTO_CLOSE, false)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setRecvByteBufAllocator(ReadBudget.ofInstance());
                    }
                });
    }

    /** The time by which connections are timed, in nanoseconds. */
    long now() {
        return nanos.getAsLong();
    }

    /** A connection to the instance for one exchange; fails if it cannot be made. No byte has been sent then. */
    public Future<Exchange> open(String instance, InstanceAddress address) {
        Key key = new Key(instance, address);
        for (InstanceConnection kept = take(key); kept != null; kept = take(key)) {
            if (kept.usable()) {
                return context.succeededFuture(kept.begin());
            }
        }
        return connect(key);
    }

    private @Nullable InstanceConnection take(Key key) {
        Deque<InstanceConnection> kept = waiting.get(key);
        if (kept == null) {
            return null;
        }
        InstanceConnection last = kept.pollLast(); // The one that was used last is the likeliest to be open still.
        if (kept.isEmpty()) {
            waiting.remove(key);
        }
        return last;
    }

    private Future<Exchange> connect(Key key) {
        Promise<Exchange> promise = context.promise();
        final SocketAddress to;
        final Bootstrap how;
        try {
            to = socket(key.address());
            how = key.address() instanceof InstanceAddress.UnixSocket ? unix : tcp;
        } catch (IllegalArgumentException e) {
            return context.failedFuture(e);
        }
        connect(key, () -> how.connect(to), now() + connectNanos, promise);
        return promise.future();
    }

    private void connect(Key key, Supplier<ChannelFuture> how, long untilNanos, Promise<Exchange> promise) {
        how.get().addListener((ChannelFutureListener) connected -> {
            InstanceConnection made =
                    connected.isSuccess() ? new InstanceConnection(this, key, context, connected.channel()) : null;
            if (made != null && made.channel().isActive()) {
                promise.complete(made.begin());
            } else if (made != null) {
                promise.fail(new ClosedChannelException());
            } else if (!queueIsFull(connected.cause())) {
                promise.fail(connected.cause());
            } else if (now() - untilNanos >= 0) {
                promise.fail(new ConnectTimeoutException(connected.cause().getMessage()));
            } else {
                context.nettyEventLoop()
                        .schedule(
                                () -> connect(key, how, untilNanos, promise), ASK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /** A unix socket whose owner takes connections too slowly. The kernel waits for it on TCP alone. */
    private static boolean queueIsFull(Throwable cause) {
        return cause instanceof SocketException
                && String.valueOf(cause.getMessage()).startsWith("Resource temporarily unavailable");
    }

    private SocketAddress socket(InstanceAddress address) {
        return switch (address) {
            case InstanceAddress.UnixSocket unixSocket ->
                context.owner()
                        .transport()
                        .convert(io.vertx.core.net.SocketAddress.domainSocketAddress(
                                unixSocket.path().toString()));
            // A literal: a name would be looked up on the event loop.
            case InstanceAddress.Tcp inet -> new InetSocketAddress(InetAddress.ofLiteral(inet.host()), inet.port());
        };
    }

    /** Takes a connection back that can be used again. */
    void keep(InstanceConnection connection) {
        Deque<InstanceConnection> kept = waiting.get(connection.key());
        if (closed || (kept != null && kept.size() >= waitingMax)) {
            connection.close();
            return;
        }
        if (kept == null) {
            kept = new ArrayDeque<>(4);
            waiting.put(connection.key(), kept);
        }
        kept.addLast(connection);
    }

    void linger(InstanceConnection connection) {
        lingering.add(connection);
    }

    /** The connection has closed. */
    void forget(InstanceConnection connection) {
        lingering.remove(connection);
        Deque<InstanceConnection> kept = waiting.get(connection.key());
        if (kept != null && kept.remove(connection) && kept.isEmpty()) {
            waiting.remove(connection.key());
        }
    }

    /** Closes what has waited too long. */
    public void tick(long now) {
        List<InstanceConnection> late = new ArrayList<>(0);
        for (Deque<InstanceConnection> kept : waiting.values()) {
            for (InstanceConnection connection : kept) {
                if (now - connection.waitsSinceNanos() < KEEP_ALIVE_NANOS) {
                    break; // Those behind it have waited less.
                }
                late.add(connection);
            }
        }
        // Only now: a closing connection leaves the map.
        late.forEach(InstanceConnection::close);
        late.forEach(this::forget);
        lingering.stream()
                .filter(connection -> closed || now - connection.lingersUntilNanos() > 0)
                .toList()
                .forEach(InstanceConnection::lingeredTooLong);
    }

    /** Keeps none from now on. */
    public void close() {
        closed = true;
        waiting.values().stream().flatMap(Deque::stream).toList().forEach(InstanceConnection::close);
        waiting.clear();
        tick(now());
    }
}
