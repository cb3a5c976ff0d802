package dev.mayfly.control.git;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** A tree object written byte by byte; entries stand in the order in which they are added. */
final class TreeBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TreeBytes file(String name, ObjectId id) {
        return entry("100644", name.getBytes(StandardCharsets.UTF_8), id);
    }

    TreeBytes directory(String name, ObjectId id) {
        return entry("40000", name.getBytes(StandardCharsets.UTF_8), id);
    }

    TreeBytes entry(String mode, byte[] name, ObjectId id) {
        out.writeBytes((mode + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(name);
        out.write(0);
        byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
        id.copyRawTo(raw, 0);
        out.writeBytes(raw);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
