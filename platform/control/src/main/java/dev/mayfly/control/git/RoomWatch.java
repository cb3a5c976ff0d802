package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;

/**
 * Asks again, every MiB that a push writes, whether there is room for more: other pushes, builds and the database write to the
 * same disk meanwhile, and other pushes of the app to the same repository.
 */
final class RoomWatch {
    static final long EVERY_BYTES = 1024 * 1024;

    private final Repositories repositories;
    private final AppRef app;
    private final PushGate gate;
    private long asked;

    RoomWatch(Repositories repositories, AppRef app, PushGate gate) {
        this.repositories = repositories;
        this.app = app;
        this.gate = gate;
    }

    /**
     * So many bytes of the push lie on the disk by now.
     *
     * @throws MayflyException {@code DISK_LOW} or {@code PUSH_TOO_LARGE} if it may not go on
     */
    void written(long bytes) throws IOException {
        if (bytes - asked < EVERY_BYTES) {
            return;
        }
        asked = bytes;
        gate.refusal(app).ifPresent(why -> {
            throw new MayflyException(ErrorCode.DISK_LOW, why);
        });
        if (repositories.bytes(app) > repositories.config().repository().bytesMax()) {
            throw PackBounds.tooLarge(
                    "together with other pushes under way, more than what the app's repository can take");
        }
    }
}
