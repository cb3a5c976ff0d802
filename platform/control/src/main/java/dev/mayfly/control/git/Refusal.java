package dev.mayfly.control.git;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.transport.PacketLineIn;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.SideBandOutputStream;

/**
 * Refuses a push to a repository that is not there in the protocol's own words: git shows the reason beside each ref and ends
 * with 1, as for every other push that is refused. What is pushed is read past and never kept.
 */
final class Refusal {
    private static final String CAPABILITIES = "report-status delete-refs side-band-64k quiet ofs-delta push-options";
    private static final int COMMANDS_MAX = 1_000;
    private static final long COMMAND_BYTES_MAX = 256 * 1024;

    private Refusal() {}

    /** What {@code info/refs} says: an empty repository. */
    static void advertise(PacketLineOut lines) throws IOException {
        lines.writeString(ObjectId.zeroId().name() + " capabilities^{}\0" + CAPABILITIES + "\n");
        lines.end();
    }

    /** Reads a push to its end and refuses each of its refs. */
    static void answer(Incoming in, OutputStream out, String why) throws IOException {
        PacketLineIn lines = new PacketLineIn(in, COMMAND_BYTES_MAX);
        List<String> refs = new ArrayList<>();
        for (String line = lines.readString(); !PacketLineIn.isEnd(line); line = lines.readString()) {
            String[] words = line.split("\0", 2)[0].split(" ", 3);
            if (words.length == 3 && refs.size() < COMMANDS_MAX) {
                refs.add(words[2].strip());
            }
        }
        in.skipRest();
        if (refs.isEmpty()) {
            return; // Git asks with an empty push whether it may send a large one.
        }
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        PacketLineOut reported = new PacketLineOut(report);
        reported.writeString("unpack ok\n");
        for (String ref : refs) {
            reported.writeString("ng " + ref + " " + why + "\n");
        }
        reported.end();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (SideBandOutputStream band =
                new SideBandOutputStream(SideBandOutputStream.CH_DATA, SideBandOutputStream.MAX_BUF, whole)) {
            band.write(report.toByteArray());
            band.flush();
        }
        whole.write("0000".getBytes(StandardCharsets.US_ASCII));
        out.write(whole.toByteArray());
    }
}
