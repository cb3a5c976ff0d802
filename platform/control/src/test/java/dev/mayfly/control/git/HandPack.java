package dev.mayfly.control.git;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.util.NB;

/** A pack written byte by byte, so that it can lie. */
final class HandPack {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int objects;

    /** Position of the next object. */
    long position() {
        return 12L + body.size();
    }

    HandPack whole(int type, byte[] data) {
        return whole(type, data.length, deflated(data));
    }

    /** Says another size than the data has. */
    HandPack whole(int type, long claimed, byte[] deflated) {
        header(type, claimed);
        body.writeBytes(deflated);
        objects++;
        return this;
    }

    HandPack offsetDelta(long base, byte[] delta) {
        long offset = position() - base;
        header(Constants.OBJ_OFS_DELTA, delta.length);
        byte[] bytes = new byte[10];
        int at = bytes.length;
        bytes[--at] = (byte) (offset & 127);
        for (offset >>= 7; offset > 0; offset >>= 7) {
            bytes[--at] = (byte) (128 | (--offset & 127));
        }
        body.write(bytes, at, bytes.length - at);
        body.writeBytes(deflated(delta));
        objects++;
        return this;
    }

    HandPack nameDelta(ObjectId base, byte[] delta) {
        header(Constants.OBJ_REF_DELTA, delta.length);
        byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
        base.copyRawTo(raw, 0);
        body.writeBytes(raw);
        body.writeBytes(deflated(delta));
        objects++;
        return this;
    }

    byte[] bytes() {
        return bytes(objects);
    }

    /** Says another number of objects than there are. */
    byte[] bytes(long claimed) {
        byte[] head = new byte[12];
        System.arraycopy("PACK".getBytes(StandardCharsets.US_ASCII), 0, head, 0, 4);
        NB.encodeInt32(head, 4, 2);
        NB.encodeInt32(head, 8, (int) claimed);
        MessageDigest sum = Constants.newMessageDigest();
        sum.update(head);
        sum.update(body.toByteArray());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head);
        all.writeBytes(body.toByteArray());
        all.writeBytes(sum.digest());
        return all.toByteArray();
    }

    private void header(int type, long size) {
        int first = (type << 4) | (int) (size & 15);
        long rest = size >>> 4;
        while (rest > 0) {
            body.write(first | 0x80);
            first = (int) (rest & 0x7f);
            rest >>>= 7;
        }
        body.write(first);
    }

    static byte[] deflated(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, new Deflater(9))) {
            deflater.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** So many zeros, deflated, without ever holding them. */
    static byte[] zeros(long count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] block = new byte[64 * 1024];
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, new Deflater(9))) {
            for (long left = count; left > 0; left -= block.length) {
                deflater.write(block, 0, (int) Math.min(left, block.length));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A delta that copies the base's beginning as often as needed and ends with the mark. */
    static byte[] delta(long baseSize, long resultSize, String mark) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, baseSize);
        number(out, resultSize);
        byte[] end = mark.getBytes(StandardCharsets.US_ASCII);
        long left = resultSize - end.length;
        while (left > 0) {
            int size = (int) Math.min(left, Math.min(baseSize, 0xffffff));
            out.write(0x80 | 0x10 | 0x20 | 0x40); // Copy from offset 0, size in three bytes.
            out.write(size & 0xff);
            out.write((size >> 8) & 0xff);
            out.write((size >> 16) & 0xff);
            left -= size;
        }
        if (end.length > 0) {
            out.write(end.length);
            out.writeBytes(end);
        }
        return out.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, long value) {
        long left = value;
        while (left >= 0x80) {
            out.write((int) (left & 0x7f) | 0x80);
            left >>>= 7;
        }
        out.write((int) left);
    }

    static ObjectId id(int type, byte[] data) {
        try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
            return formatter.idFor(type, data);
        }
    }
}
