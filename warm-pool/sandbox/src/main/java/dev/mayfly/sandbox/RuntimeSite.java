package dev.mayfly.sandbox;

import java.nio.file.Path;

/**
 * Where a server's sandboxes are.
 *
 * @param folder below which everything of them lies; each class has a folder of its name in it
 * @param tag four hexadecimal characters by which the machine's things of this server are told from those of others
 */
public record RuntimeSite(Path folder, String tag) {
    /** With the tag that stays the same for a folder. */
    public static RuntimeSite of(Path folder) {
        return new RuntimeSite(
                folder,
                String.format(
                        "%04x", folder.toAbsolutePath().normalize().toString().hashCode() & 0xffff));
    }
}
