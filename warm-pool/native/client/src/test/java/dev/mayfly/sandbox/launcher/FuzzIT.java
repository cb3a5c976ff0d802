package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.HostCommands;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spoilt requests, against the launcher built with sanitizers. The long form is {@code ./mayfly fuzz}. */
class FuzzIT {
    private static final int INPUTS = 200_000;
    private static final int ROUNDS = 12;
    private static final int FRAMES = 150;
    private static final String SANITIZERS = "-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all";
    private static final Path SOURCE =
            Path.of("../launcher/src").toAbsolutePath().normalize();

    /** All but those that end it. */
    private static final int[] TYPES = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, Frame.ZYGOTE, Frame.RETIRE};

    private final long seed = System.nanoTime();

    @TempDir
    private Path folder;

    @Test
    void noBytesFromTheSocketHurtTheDecoder() throws Exception {
        Path program = folder.resolve("requests");
        String c = SOURCE.resolve("main/c").toString();
        List<String> command = new ArrayList<>(List.of("cc", "-std=gnu11", "-DDRIVER"));
        command.addAll(List.of(SANITIZERS.split(" ")));
        command.addAll(List.of("-I" + SOURCE.resolve("../target"), "-I" + c));
        command.add(SOURCE.resolve("fuzz/requests.c").toString());
        for (String each : List.of("wire", "request", "server", "dispatch", "pending", "start_message")) {
            command.add(c + "/" + each + ".c");
        }
        command.addAll(List.of("-o", program.toString()));
        HostCommands.run("", command);
        var result =
                HostCommands.attempt("", List.of(program.toString(), String.valueOf(INPUTS), String.valueOf(seed)));
        assertThat(result.output()).as("seed %d", seed).isEqualToIgnoringWhitespace(INPUTS + " inputs");
    }

    @Test
    void aRealLauncherOutlivesSpoiltRequestsAndLeavesNothing() throws Exception {
        Path built = folder.resolve("build");
        ProcessBuilder build = new ProcessBuilder(SOURCE.resolve("../build.sh").toString()).redirectErrorStream(true);
        build.environment().put("OUT", built.toString());
        build.environment().put("FLAGS", SANITIZERS);
        Process sanitized = build.start();
        String said = new String(sanitized.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(sanitized.waitFor()).as(said).isZero();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            String tag = "mayfly-fz" + ProcessHandle.current().pid() % 10_000;
            Path socket = folder.resolve("s");
            LauncherProgram program = LauncherProgram.start(
                    built.resolve("mayfly-launcher"), folder.resolve("run"), socket, tag, 2, Duration.ZERO);
            ProcessHandle process = ProcessHandle.of(program.pid()).orElseThrow();
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                channel.write(new Frame(Frame.HELLO).u32(Frame.VERSION).finish(1));
                for (int i = 0; i < FRAMES; i++) {
                    send(channel, spoilt(random));
                }
                send(channel, new Frame(Frame.STOP).finish(Integer.MAX_VALUE));
                assertThat(answered(channel))
                        .as("seed %d round %d", seed, round)
                        .isTrue();
            }
            assertThat(process.onExit().get(20, TimeUnit.SECONDS).isAlive()).isFalse();
            assertThat(program.exit()).as("seed %d round %d", seed, round).isZero();
            program.close();
            assertThat(Path.of("/sys/fs/cgroup/pids", tag)).doesNotExist();
            assertThat(Path.of("/sys/fs/cgroup", tag)).doesNotExist();
        }
    }

    private static void send(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Waits for the answer to the last request, past all others. */
    private static boolean answered(SocketChannel channel) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        while (channel.read(in) >= 0) {
            in.flip();
            while (in.remaining() >= 4 && in.remaining() >= 4 + in.getInt(in.position())) {
                int length = in.getInt();
                if (in.getInt(in.position() + 1) == Integer.MAX_VALUE) {
                    return in.get(in.position()) == Frame.OK;
                }
                in.position(in.position() + length);
            }
            in.compact();
        }
        return false;
    }

    /** A frame whose length is right and whose rest may be anything: what is wrong with the length ends the connection. */
    private ByteBuffer spoilt(Random random) {
        Frame frame = random.nextInt(3) == 0
                ? new Frame(TYPES[random.nextInt(TYPES.length)]).text("ins_1").u64(0)
                : create(random);
        ByteBuffer bytes = frame.finish(random.nextInt(1_000_000));
        byte[] raw = new byte[bytes.remaining()];
        bytes.get(raw);
        for (int spoils = random.nextInt(4); spoils > 0; spoils--) {
            raw[Frame.HEAD_BYTES + random.nextInt(raw.length - Frame.HEAD_BYTES)] = (byte) random.nextInt(256);
        }
        return ByteBuffer.wrap(raw);
    }

    private Frame create(Random random) {
        return new Frame(Frame.CREATE)
                .text("ins_" + random.nextInt(50))
                .text("tenant")
                .u32(0)
                .u32(20_000)
                .u32(3 * random.nextInt(2))
                .u32(0)
                .text("")
                .text(random.nextBoolean() ? "" : folder.resolve("listen").toString())
                .text("/")
                .u64(64 << 20)
                .u64(100_000)
                .u32(32)
                .u64(1 << 20)
                .u32(1_024)
                .u64(0)
                .u32(0)
                .u32(1)
                .u32(1)
                .text("/bin/true")
                .text("A=b");
    }
}
