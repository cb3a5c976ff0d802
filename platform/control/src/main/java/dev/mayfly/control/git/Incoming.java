package dev.mayfly.control.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** What a client sends, unpacked: no more than it may, and only as long as its job goes on. */
final class Incoming extends FilterInputStream {
    private final InputStream body;
    private final GitJob job;
    private final long bytesMax;
    private long read;

    private Incoming(InputStream body, InputStream unpacked, GitJob job, long bytesMax) {
        super(unpacked);
        this.body = body;
        this.job = job;
        this.bytesMax = bytesMax;
    }

    /**
     * @param encoding of the request's body, as its header says
     * @param bytesMax after unpacking
     */
    static Incoming of(InputStream body, @Nullable String encoding, GitJob job, long bytesMax) throws IOException {
        return new Incoming(body, "gzip".equals(encoding) ? new GZIPInputStream(body) : body, job, bytesMax);
    }

    @Override
    public int read() throws IOException {
        job.check();
        int one = in.read();
        if (one >= 0) {
            count(1);
        }
        return one;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        job.check();
        int count = in.read(target, offset, length);
        if (count > 0) {
            count(count);
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        int skipped = read(new byte[(int) Math.min(count, 8_192)]);
        return Math.max(0, skipped);
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(int bytes) {
        read += bytes;
        if (read > bytesMax) {
            throw PackBounds.tooLarge("more than " + bytesMax + " bytes on the wire");
        }
    }

    /**
     * Writes the rest to a file.
     *
     * @param fileBytesMax of the file
     * @param limit what the maximum is, in words
     * @param room is asked while it grows
     */
    void saveTo(Path file, long fileBytesMax, String limit, RoomWatch room) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int count = read(buffer); count >= 0; count = read(buffer)) {
                size += count;
                if (size > fileBytesMax) {
                    throw PackBounds.tooLarge("more than " + fileBytesMax + " bytes, which is " + limit);
                }
                out.write(buffer, 0, count);
                room.written(size);
            }
        }
    }

    /** Reads past the rest as it comes, for as long as it may come: git does not listen before it has sent all. */
    void skipRest() throws IOException {
        byte[] buffer = new byte[64 * 1024];
        do {
            job.check();
        } while (body.read(buffer) >= 0);
    }
}
