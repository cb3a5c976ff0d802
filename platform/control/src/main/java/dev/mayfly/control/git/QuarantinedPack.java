package dev.mayfly.control.git;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.eclipse.jgit.internal.storage.file.BasePackIndexWriter;
import org.eclipse.jgit.internal.storage.file.PackFile;
import org.eclipse.jgit.internal.storage.pack.PackExt;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.transport.PackParser;
import org.eclipse.jgit.transport.PackedObjectInfo;
import org.eclipse.jgit.util.NB;
import org.jspecify.annotations.Nullable;

/**
 * Checks and indexes a pack that lies in a file, in place: it reads the file twice and writes to it only the objects that a
 * thin pack leaves out. JGit's own parser trusts what a pack says of itself (it takes memory for as many objects and for as
 * many bytes as a header claims) and cannot be stopped; here {@link PackBounds} is asked before and the {@link GitJob} while.
 */
final class QuarantinedPack extends PackParser {
    private static final int INDEX_VERSION = 2;

    private final Quarantine quarantine;
    private final GitJob job;
    private final PackBounds bounds;
    private final RoomWatch room;
    private final RandomAccessFile file;

    private final CRC32 crc = new CRC32();
    private final MessageDigest appended = Constants.newMessageDigest();
    private final Deflater deflater = new Deflater();
    private byte[] sentHash = {};
    private byte[] hash = {};
    private long sentEnd;
    private long end;

    private QuarantinedPack(
            Quarantine quarantine,
            GitJob job,
            PackBounds bounds,
            RoomWatch room,
            InputStream sent,
            RandomAccessFile file) {
        super(quarantine.repository().getObjectDatabase(), sent);
        this.quarantine = quarantine;
        this.job = job;
        this.bounds = bounds;
        this.room = room;
        this.file = file;
    }

    /**
     * Makes a pack of the quarantine out of what has arrived.
     *
     * @param room is asked while objects are added that a thin pack has left out
     * @param checker of each object's form
     * @return the parser, which knows the pack's objects
     * @throws dev.mayfly.model.MayflyException if it passes a limit, or if its time is over
     * @throws java.util.concurrent.CancellationException if the job is stopped
     * @throws IOException if it is damaged
     */
    static PackParser index(Quarantine quarantine, GitJob job, PackBounds bounds, RoomWatch room, ObjectRules checker)
            throws IOException {
        Path arrived = quarantine.arriving();
        try (InputStream sent = Files.newInputStream(arrived);
                RandomAccessFile file = new RandomAccessFile(arrived.toFile(), "rw")) {
            QuarantinedPack pack = new QuarantinedPack(quarantine, job, bounds, room, sent, file);
            try {
                pack.setAllowThin(true);
                pack.setCheckEofAfterPackFooter(true);
                pack.setObjectChecker(checker);
                pack.setMaxObjectSizeLimit(bounds.objectBytesMax());
                pack.parse(job.monitor());
                pack.finish();
                return pack;
            } finally {
                pack.deflater.end();
            }
        }
    }

    private void finish() throws IOException {
        if (getObjectCount() == 0) {
            return; // The commit was known already.
        }
        file.setLength(end);
        file.seek(end);
        file.write(hash);
        file.getFD().sync();
        List<PackedObjectInfo> sorted = getSortedObjectList(null);
        MessageDigest name = Constants.newMessageDigest();
        byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
        for (PackedObjectInfo each : sorted) {
            each.copyRawTo(raw, 0);
            name.update(raw);
        }
        PackFile pack = new PackFile(quarantine.packs().toFile(), ObjectId.fromRaw(name.digest()), PackExt.PACK);
        PackFile index = pack.create(PackExt.INDEX);
        try (FileOutputStream out = new FileOutputStream(index)) {
            BasePackIndexWriter.createVersion(out, INDEX_VERSION).write(sorted, hash);
            out.getFD().sync();
        }
        Files.move(quarantine.arriving(), pack.toPath(), StandardCopyOption.ATOMIC_MOVE);
        quarantine.repository().openPack(pack);
    }

    @Override
    protected void onPackHeader(long objects) {
        bounds.objects(objects);
    }

    @Override
    protected void onBeginWholeObject(long position, int type, long size) {
        bounds.whole(type, size);
        crc.reset();
    }

    @Override
    protected void onEndWholeObject(PackedObjectInfo info) {
        info.setCRC((int) crc.getValue());
    }

    @Override
    protected void onBeginOfsDelta(long position, long base, long size) {
        bounds.delta(size);
        bounds.child(base);
        crc.reset();
    }

    @Override
    protected void onBeginRefDelta(long position, AnyObjectId base, long size) throws IOException {
        bounds.delta(size);
        bounds.child(base.copy());
        crc.reset();
    }

    @Override
    protected UnresolvedDelta onEndDelta() {
        UnresolvedDelta delta = new UnresolvedDelta();
        delta.setCRC((int) crc.getValue());
        return delta;
    }

    @Override
    protected void onObjectHeader(Source source, byte[] raw, int at, int length) {
        crc.update(raw, at, length);
    }

    @Override
    protected void onObjectData(Source source, byte[] raw, int at, int length) {
        job.check();
        crc.update(raw, at, length);
    }

    @Override
    protected void onStoreStream(byte[] raw, int at, int length) {
        // It lies in the file already.
    }

    @Override
    protected void onPackFooter(byte[] footer) throws IOException {
        sentEnd = file.length() - footer.length;
        end = sentEnd;
        sentHash = footer;
        hash = footer;
        // From now on each object that is made is made in the heap.
        setMaxObjectSizeLimit(bounds.madeBytesMax());
        bounds.sent();
    }

    @Override
    protected ObjectTypeAndSize seekDatabase(PackedObjectInfo base, ObjectTypeAndSize info) throws IOException {
        bounds.base(base);
        return seek(base.getOffset(), info);
    }

    @Override
    protected ObjectTypeAndSize seekDatabase(UnresolvedDelta delta, ObjectTypeAndSize info) throws IOException {
        return seek(delta.getOffset(), info);
    }

    private ObjectTypeAndSize seek(long offset, ObjectTypeAndSize info) throws IOException {
        job.check();
        file.seek(offset);
        crc.reset();
        return readObjectHeader(info);
    }

    @Override
    protected int readDatabase(byte[] target, int at, int count) throws IOException {
        job.check();
        return file.read(target, at, count);
    }

    @Override
    protected boolean checkCRC(int before) {
        return before == (int) crc.getValue();
    }

    @Override
    protected PackedObjectInfo newInfo(AnyObjectId id, @Nullable UnresolvedDelta delta, @Nullable ObjectId base) {
        if (base != null) {
            bounds.parent(base);
        }
        return super.newInfo(id, delta, base);
    }

    @Override
    protected void onInflatedObjectData(PackedObjectInfo made, int type, byte[] data) {
        job.check();
        bounds.made(made, data.length);
    }

    /** A thin pack leaves out objects that the server has; a pack on the disk must not. */
    @Override
    protected boolean onAppendBase(int type, byte[] data, PackedObjectInfo info) throws IOException {
        bounds.external(info, data.length);
        info.setOffset(end);
        crc.reset();
        file.seek(end);
        byte[] buffer = buffer();
        int length = 0;
        int size = data.length;
        buffer[length++] = (byte) ((type << 4) | (size & 15));
        for (size >>>= 4; size > 0; size >>>= 7) {
            buffer[length - 1] |= (byte) 0x80;
            buffer[length++] = (byte) (size & 0x7f);
        }
        append(buffer, length);
        deflater.reset();
        deflater.setInput(data);
        deflater.finish();
        while (!deflater.finished()) {
            append(buffer, deflater.deflate(buffer));
        }
        bounds.file(end);
        room.written(end);
        info.setCRC((int) crc.getValue());
        return true;
    }

    private void append(byte[] bytes, int length) throws IOException {
        appended.update(bytes, 0, length);
        crc.update(bytes, 0, length);
        file.write(bytes, 0, length);
        end += length;
    }

    /** The header says another number of objects now, so the pack has another checksum. */
    @Override
    protected void onEndThinPack() throws IOException {
        MessageDigest sent = Constants.newMessageDigest();
        MessageDigest tail = Constants.newMessageDigest();
        MessageDigest whole = Constants.newMessageDigest();
        byte[] buffer = buffer();
        file.seek(0);
        file.readFully(buffer, 0, 12);
        sent.update(buffer, 0, 12);
        NB.encodeInt32(buffer, 8, getObjectCount());
        file.seek(0);
        file.write(buffer, 0, 12);
        whole.update(buffer, 0, 12);
        for (long at = 12; at < end; ) {
            job.check();
            int read = file.read(buffer, 0, (int) Math.min(buffer.length, (at < sentEnd ? sentEnd : end) - at));
            if (read <= 0) {
                throw new IOException("a pack became shorter while it was completed");
            }
            (at < sentEnd ? sent : tail).update(buffer, 0, read);
            whole.update(buffer, 0, read);
            at += read;
        }
        if (!MessageDigest.isEqual(sent.digest(), sentHash)
                || !MessageDigest.isEqual(tail.digest(), appended.digest())) {
            throw new IOException("a pack changed while it was completed");
        }
        hash = whole.digest();
    }
}
