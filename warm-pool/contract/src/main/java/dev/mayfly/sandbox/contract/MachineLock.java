package dev.mayfly.sandbox.contract;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Held by tests that need addresses of this machine for themselves: those of other modules, which may run at the same time, wait.
 * Whoever is killed gives it back.
 */
record MachineLock(FileChannel file, FileLock lock) implements AutoCloseable {
    static MachineLock take() throws IOException {
        Path path = Path.of(System.getProperty("java.io.tmpdir"), "mayfly-tests-addresses.lock");
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        return new MachineLock(file, file.lock());
    }

    @Override
    public void close() throws IOException {
        file.close(); // With the lock.
    }
}
