package dev.mayfly.sandbox.docker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The smallest program that waits for ever, as an image of its own: an ELF file of 120 bytes of head and a few instructions.
 * It holds a network namespace that must be ready before the program of a sandbox starts, whatever is in that one's image.
 */
final class PauseProgram {
    static final String PATH = "/pause";

    private static final int ELF_HEAD = 64;
    private static final int PROGRAM_HEAD = 56;
    private static final long ADDRESS = 0x400000L;
    private static final int TAR_BLOCK = 512;

    /** again: pause(); goto again; */
    private static final byte[] X86_64 = bytes(0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7);

    /** again: ppoll(0, 0, 0, 0); goto again; */
    private static final byte[] AARCH64 =
            words(0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa);

    private PauseProgram() {}

    /** The image's only layer: a tar archive. */
    static byte[] image(String arch) {
        byte[] program = elf(arch);
        int blocks = (program.length + TAR_BLOCK - 1) / TAR_BLOCK;
        ByteBuffer tar = ByteBuffer.allocate(TAR_BLOCK * (1 + blocks + 2));
        put(tar, 0, PATH.substring(1));
        put(tar, 100, "0000755");
        put(tar, 108, "0000000");
        put(tar, 116, "0000000");
        put(tar, 124, String.format("%011o", program.length));
        put(tar, 136, "00000000000");
        put(tar, 148, "        ");
        put(tar, 156, "0");
        put(tar, 257, "ustar\00000");
        int sum = 0;
        for (int i = 0; i < TAR_BLOCK; i++) {
            sum += tar.get(i);
        }
        put(tar, 148, String.format("%06o\0 ", sum));
        tar.position(TAR_BLOCK).put(program);
        return tar.array();
    }

    private static void put(ByteBuffer tar, int at, String text) {
        tar.put(at, text.getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] elf(String arch) {
        byte[] code = switch (arch) {
            case "amd64" -> X86_64;
            case "aarch64" -> AARCH64;
            default -> throw new IllegalStateException("os.arch: " + arch + " (expected: amd64 or aarch64)");
        };
        int size = ELF_HEAD + PROGRAM_HEAD + code.length;
        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.put(bytes(0x7f, 'E', 'L', 'F', 2, 1, 1)).position(16);
        file.putShort((short) 2)
                .putShort((short) (arch.equals("amd64") ? 62 : 183))
                .putInt(1);
        file.putLong(ADDRESS + ELF_HEAD + PROGRAM_HEAD)
                .putLong(ELF_HEAD)
                .putLong(0)
                .putInt(0);
        file.putShort((short) ELF_HEAD).putShort((short) PROGRAM_HEAD).putShort((short) 1);
        file.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        file.putInt(1)
                .putInt(5)
                .putLong(0)
                .putLong(ADDRESS)
                .putLong(ADDRESS)
                .putLong(size)
                .putLong(size)
                .putLong(0x1000);
        return file.put(code).array();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] words(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            buffer.putInt(value);
        }
        return buffer.array();
    }
}
