package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection to a launcher: requests with answers, and what it tells by itself. One thread reads, any thread asks. */
final class LauncherConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LauncherConnection.class);
    private static final long ANSWER_SECONDS_MAX = 30;
    private static final Duration LAST_WORDS_MAX = Duration.ofSeconds(1);

    /** Made ahead: to tell those who wait must take no memory. */
    private final IOException ended = new IOException("the launcher has ended");

    /** While more are waiting than this, the launcher is behind, and to write to it may take a while. */
    private static final int WAITING_FEW = 16;

    /** Told of what the launcher says by itself. Called from the reading thread: must return at once. */
    interface Listener {
        void output(String id, boolean stderr, byte[] bytes);

        void exited(Exit exit);

        /** Nothing will come any more. */
        void lost();
    }

    private final SocketChannel channel;
    private final Listener listener;
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<Integer, CompletableFuture<ByteBuffer>> waiting = new ConcurrentHashMap<>();
    private final Thread reader = Thread.ofPlatform().daemon().name("launcher").unstarted(this::read);

    /** Whoever notices first says so: nothing is asked of one that is gone, and its successor is not long in coming. */
    private volatile boolean lost;

    private LauncherConnection(SocketChannel channel, Listener listener) {
        this.channel = channel;
        this.listener = listener;
    }

    /** Connects; nothing is heard before {@link #listen}. */
    static LauncherConnection open(Path socket, Listener listener) throws IOException {
        return new LauncherConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)), listener);
    }

    /** Begins to hear: who listens is ready for it. Once. */
    void listen() {
        reader.start();
    }

    boolean isLost() {
        return lost;
    }

    /**
     * Asks and waits for the answer.
     *
     * @throws Refusal.Refused if the launcher will not
     * @throws MayflyException {@code INTERNAL} if it does not answer
     */
    ByteBuffer call(Frame frame) throws InterruptedException {
        if (frame.size() > Frame.BYTES_MAX) {
            throw new LauncherRefusal.Refused(new LauncherRefusal(
                    LauncherRefusal.INVALID,
                    "argv and env",
                    "at most " + Frame.BYTES_MAX / 1024 + " KiB together; they have " + frame.size() / 1024 + " KiB"));
        }
        int request = requests.incrementAndGet();
        CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();
        waiting.put(request, answer);
        try {
            if (lost) {
                throw new IOException("its connection is closed");
            }
            if (Thread.interrupted()) { // To write all the same would close the channel, and with it all that the
                // launcher has.
                throw new InterruptedException();
            }
            write(frame.finish(request));
            return answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LauncherRefusal.Refused refused) {
                throw new LauncherRefusal.Refused(refused.why);
            }
            throw new MayflyException(ErrorCode.INTERNAL, "the launcher is gone", e);
        } catch (TimeoutException e) {
            close(); // One that hangs is given up, with all it made; the next start brings up another.
            throw new MayflyException(
                    ErrorCode.INTERNAL, "the launcher did not answer within " + ANSWER_SECONDS_MAX + " s", e);
        } catch (IOException e) {
            throw new MayflyException(ErrorCode.INTERNAL, "the launcher is gone: " + e.getMessage(), e);
        } finally {
            waiting.remove(request);
        }
    }

    /**
     * Asks and does not wait, not even for the others who ask. Empty: nothing was sent, as it would have to.
     *
     * @return fails if the launcher will not, or does not answer
     */
    Optional<CompletableFuture<ByteBuffer>> begin(Frame frame) {
        if (lost || waiting.size() > WAITING_FEW || !writing.tryLock()) {
            return Optional.empty();
        }
        int request = requests.incrementAndGet();
        CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();
        waiting.put(request, answer);
        try {
            write(frame.finish(request));
        } catch (IOException e) {
            answer.completeExceptionally(e);
        } finally {
            writing.unlock();
        }
        return Optional.of(
                answer.orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).whenComplete((_, e) -> {
                    waiting.remove(request);
                    if (e instanceof TimeoutException) {
                        close();
                    }
                }));
    }

    /** Sends what has no answer. What cannot be sent any more is nobody's loss. */
    void tell(Frame frame) {
        try {
            write(frame.finish(0));
        } catch (IOException e) {
            log.atDebug().setCause(e).log("The launcher is gone");
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        writing.lock();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            lost = true; // What it has said before is still heard.
            throw e;
        } finally {
            writing.unlock();
        }
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(2 * Frame.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
        try (channel) {
            while (true) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException();
                }
                buffer.flip();
                while (buffer.remaining() >= 4 && buffer.remaining() >= 4 + buffer.getInt(buffer.position())) {
                    int length = buffer.getInt();
                    handle(buffer.slice(buffer.position(), length).order(ByteOrder.LITTLE_ENDIAN));
                    buffer.position(buffer.position() + length);
                }
                buffer.compact();
            }
        } catch (IOException e) {
            // It ended, or we closed it.
        } catch (RuntimeException | Error e) {
            // What it said was lost, so nothing that it says later can be relied on: its successor begins afresh.
            log.atError().setCause(e).log("The launcher's words could not be taken; it is given up");
        } finally {
            lost = true;
            try {
                waiting.values().forEach(answer -> answer.completeExceptionally(ended));
            } finally {
                listener.lost();
            }
        }
    }

    private void handle(ByteBuffer in) {
        int type = in.get();
        int request = in.getInt();
        switch (type) {
            case Frame.OUTPUT -> listener.output(Frame.readText(in), in.get() != 0, Frame.readBytes(in));
            case Frame.EXITED -> listener.exited(Exit.read(in));
            case Frame.REFUSED -> {
                LauncherRefusal why = new LauncherRefusal(in.get(), Frame.readText(in), Frame.readText(in));
                answer(request).completeExceptionally(new LauncherRefusal.Refused(why));
            }
            default -> {
                byte[] rest = new byte[in.remaining()];
                in.get(rest);
                answer(request).complete(ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
    }

    /** One that nobody waits for any more is completed all the same. */
    private CompletableFuture<ByteBuffer> answer(int request) {
        CompletableFuture<ByteBuffer> answer = waiting.get(request);
        return answer == null ? new CompletableFuture<>() : answer;
    }

    /** Hears to its end what one that is gone has said. One that is not gone is given up after a moment. */
    void finish() {
        try {
            reader.join(LAST_WORDS_MAX.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    @Override
    public void close() {
        lost = true;
        try {
            channel.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("The connection to the launcher does not close");
        }
    }
}
