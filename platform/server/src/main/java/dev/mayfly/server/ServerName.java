package dev.mayfly.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A name that stays the same for a data folder: builds and leases in the database carry it over a restart. */
final class ServerName {
    private ServerName() {}

    static String of(Path data) {
        String machine = "server";
        try {
            machine = Files.readString(Path.of("/etc/hostname")).strip().replaceAll("[^A-Za-z0-9-]", "-");
        } catch (IOException e) {
            // A machine without a name: the folder alone tells.
        }
        return machine + "-" + String.format("%08x", data.toString().hashCode());
    }
}
