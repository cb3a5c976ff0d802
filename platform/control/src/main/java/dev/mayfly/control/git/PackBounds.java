package dev.mayfly.control.git;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.transport.PackedObjectInfo;

/**
 * Counts what a pack makes the server do and hold, and refuses what is too much before it is done.
 *
 * <p>Deltas are applied depth first, and an object waits in the heap until the last delta on it has been applied: a chain in
 * which each object has two children keeps all of them. How many wait is known from the first reading of the pack, which
 * notes whose child each delta is.
 */
final class PackBounds {
    /** An object whose deltas are being applied. */
    private static final class Waiting {
        final ObjectId id;
        final long size;
        int children;

        Waiting(ObjectId id, long size, int children) {
            this.id = id;
            this.size = size;
            this.children = children;
        }
    }

    private final PackLimits limits;
    private final long objectBytesMax;
    private final long fileBytesMax;
    private final long objectsMax;
    private final ObjectReader existing;

    private long inflated;
    private boolean sent;

    private long[] positions = new long[64];
    private int positionsCount;
    private final List<ObjectId> names = new ArrayList<>();

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long held;

    /**
     * @param objectBytesMax of a file that is sent whole
     * @param room what the repository can take yet
     * @param existing reads the objects that the repository has already
     */
    PackBounds(PackLimits limits, long objectBytesMax, Room room, ObjectReader existing) {
        this.limits = limits;
        this.objectBytesMax = objectBytesMax;
        this.fileBytesMax = room.bytes();
        this.objectsMax = Math.min(limits.objectsMax(), room.objects());
        this.existing = existing;
    }

    /** What a repository can take yet. */
    record Room(long bytes, long objects) {}

    long objectBytesMax() {
        return objectBytesMax;
    }

    long madeBytesMax() {
        return limits.deltaBytesMax();
    }

    /** Whether the pack has been read once; now its deltas are applied. */
    boolean isSent() {
        return sent;
    }

    /** The pack says that it has so many. */
    void objects(long count) {
        if (count > objectsMax) {
            throw tooLarge(String.format(
                    Locale.ROOT,
                    "%,d objects (at most %,d fit); push a part of the history first, or less of it",
                    count,
                    objectsMax));
        }
    }

    /** An object that is sent whole begins; all but files are read into the heap. */
    void whole(int type, long size) {
        count(size);
        long max = switch (type) {
            case Constants.OBJ_BLOB -> objectBytesMax;
            case Constants.OBJ_TREE -> PackLimits.TREE_BYTES_MAX;
            default -> PackLimits.TEXT_BYTES_MAX;
        };
        if (size < 0 || size > max) {
            throw tooLarge("a " + Constants.typeString(type) + " of " + size + " bytes (at most " + max + ")");
        }
    }

    /** A delta begins; it is read into the heap when it is applied. */
    void delta(long size) {
        count(size);
        if (size < 0 || size > limits.deltaBytesMax()) {
            throw asDelta(size);
        }
    }

    /** The present delta is on the object at this place of the pack. */
    void child(long position) {
        if (positionsCount == positions.length) {
            positions = Arrays.copyOf(positions, positionsCount * 2);
        }
        positions[positionsCount++] = position;
    }

    /** The present delta is on this object, of the pack or of the repository. */
    void child(ObjectId name) throws IOException {
        if (existing.has(name)) {
            long size = existing.getObjectSize(name, ObjectReader.OBJ_ANY);
            if (size > limits.deltaBytesMax()) {
                throw asDelta(size);
            }
        }
        names.add(name);
    }

    /** All has been read once. */
    void sent() {
        sent = true;
        Arrays.sort(positions, 0, positionsCount);
        Collections.sort(names);
    }

    /** An object of the pack is read again, to compare it (without holding it) or to apply deltas on it. */
    void base(PackedObjectInfo info) {
        int children = children(info);
        if (children > 0) {
            if (info.getFullSize() > limits.deltaBytesMax()) {
                throw asDelta(info.getFullSize());
            }
            first(info, info.getFullSize(), children);
        }
    }

    /** An object of the repository is read, to apply deltas on it and to be added to the pack. */
    void external(PackedObjectInfo info, long size) {
        count(size);
        first(info, size, count(names, info));
    }

    private void first(AnyObjectId id, long size, int children) {
        waiting.clear();
        waiting.push(new Waiting(id.copy(), size, children));
        held = size;
    }

    /** The object that is being made is a delta on this one. */
    void parent(ObjectId id) {
        while (!waiting.isEmpty() && !waiting.getFirst().id.equals(id)) {
            drop();
        }
        if (!waiting.isEmpty()) {
            waiting.getFirst().children--;
        }
    }

    /** An object was made by a delta. */
    void made(PackedObjectInfo info, long size) {
        if (!sent) {
            return; // It was sent whole, and has been counted.
        }
        count(size);
        if (!waiting.isEmpty() && waiting.getFirst().children <= 0) {
            drop();
        }
        int children = children(info);
        if (children > 0) {
            waiting.push(new Waiting(info.copy(), size, children));
            held += size;
            if (held > limits.waitingBytesMax()) {
                throw tooLarge("deltas that need more than " + limits.waitingBytesMax() + " bytes of memory; run: git"
                        + " repack -adF --depth=10");
            }
        }
    }

    private void drop() {
        held -= waiting.pop().size;
    }

    /** So large the pack has become with the objects that it had left out. */
    void file(long bytes) {
        if (bytes > fileBytesMax) {
            throw tooLarge("more than " + fileBytesMax + " bytes, which is what the repository of this app can take");
        }
    }

    private void count(long size) {
        inflated += Math.max(0, size);
        if (inflated > limits.inflatedBytesMax()) {
            throw tooLarge("objects of more than " + limits.inflatedMibMax() + " MiB when they are unpacked");
        }
    }

    private int children(PackedObjectInfo info) {
        int first = firstAtLeast(info.getOffset());
        return firstAtLeast(info.getOffset() + 1) - first + count(names, info);
    }

    private int firstAtLeast(long position) {
        int low = 0;
        int high = positionsCount;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (positions[middle] < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Thousands may have one name, and the question may come for each of them. */
    private static int count(List<ObjectId> sorted, AnyObjectId id) {
        return firstAbove(sorted, each -> each.compareTo(id) > 0) - firstAbove(sorted, each -> each.compareTo(id) >= 0);
    }

    private static int firstAbove(List<ObjectId> sorted, Predicate<ObjectId> above) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (above.test(sorted.get(middle))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    MayflyException asDelta(long size) {
        return tooLarge("a file of " + size + " bytes as a delta (at most " + limits.deltaMibMax()
                + " MiB); run: git config core.bigFileThreshold " + limits.deltaMibMax() + "m && git repack -adF");
    }

    static MayflyException tooLarge(String what) {
        return new MayflyException(ErrorCode.PUSH_TOO_LARGE, what);
    }
}
