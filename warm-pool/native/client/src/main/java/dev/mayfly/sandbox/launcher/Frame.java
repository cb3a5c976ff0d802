package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.SandboxSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** One frame of the launcher's protocol, version 1: its types, and how values lie in it. Little-endian. */
final class Frame {
    static final int VERSION = 1;
    static final int BYTES_MAX = 256 * 1024;
    static final int HEAD_BYTES = 9;

    static final int HELLO = 1;
    static final int ROOT = 2;
    static final int UNROOT = 3;
    static final int CREATE = 4;
    static final int BIND = 5;
    static final int FREEZE = 6;
    static final int THAW = 7;
    static final int SIGNAL = 8;
    static final int DESTROY = 9;
    static final int ADOPT = 10;
    static final int SWEEP = 11;
    static final int STATS = 12;
    static final int TAKEN = 13;
    static final int STOP = 14;
    static final int ZYGOTE = 16;
    static final int RETIRE = 17;
    static final int OK = 64;
    static final int REFUSED = 65;
    static final int OUTPUT = 66;
    static final int EXITED = 67;

    private static final long MIB = 1024L * 1024;
    private static final int FILES_MAX = 4_096;
    private static final int CPU_PERIOD_US = 100_000;
    private static final int CPU_QUOTA_US_MIN = 1_000;

    private final int type;
    private ByteBuffer bytes = ByteBuffer.allocate(1_024).order(ByteOrder.LITTLE_ENDIAN);

    Frame(int type) {
        this.type = type;
        bytes.position(HEAD_BYTES);
    }

    Frame u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    Frame u32(int value) {
        room(4).putInt(value);
        return this;
    }

    Frame limits(SandboxSpec.SandboxLimits limits) {
        return u64(limits.memoryMib() * MIB)
                .u64(Math.max(CPU_QUOTA_US_MIN, Math.round(limits.cpus() * CPU_PERIOD_US)))
                .u32(limits.pids())
                .u64(limits.tmpMib() * MIB)
                .u32(FILES_MAX)
                .u64(limits.ioMib().orElse(0) * MIB);
    }

    Frame mounts(List<SandboxSpec.Mount> mounts) {
        u32(mounts.size());
        mounts.forEach(mount -> text(mount.host().toAbsolutePath().normalize().toString())
                .text(mount.inside())
                .u8(mount.readOnly() ? 1 : 0));
        return this;
    }

    Frame u64(long value) {
        room(8).putLong(value);
        return this;
    }

    Frame text(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        room(4 + text.length).putInt(text.length).put(text);
        return this;
    }

    /** argv and environment, the last of a frame. */
    Frame command(List<String> argv, Map<String, String> env) {
        u32(argv.size()).u32(env.size());
        argv.forEach(this::text);
        env.forEach((name, value) -> text(name + "=" + value));
        return this;
    }

    int size() {
        return bytes.position();
    }

    /** The whole frame, ready to be written. */
    ByteBuffer finish(int request) {
        bytes.putInt(0, bytes.position() - 4).put(4, (byte) type).putInt(5, request);
        return bytes.flip();
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(bytes.capacity() * 2, bytes.position() + more))
                    .order(ByteOrder.LITTLE_ENDIAN);
            larger.put(bytes.flip());
            bytes = larger;
        }
        return bytes;
    }

    static String readText(ByteBuffer in) {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    static byte[] readBytes(ByteBuffer in) {
        byte[] text = new byte[in.getInt()];
        in.get(text);
        return text;
    }
}
