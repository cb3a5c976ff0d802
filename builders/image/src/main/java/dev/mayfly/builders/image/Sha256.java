package dev.mayfly.builders.image;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests in the form of the OCI image specification: {@code sha256:} and 64 hexadecimal digits. */
final class Sha256 {
    static final String PREFIX = "sha256:";

    private Sha256() {}

    static MessageDigest fresh() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static String of(byte[] content) {
        return name(fresh().digest(content));
    }

    static String of(String content) {
        return of(content.getBytes(StandardCharsets.UTF_8));
    }

    static String name(byte[] digest) {
        return PREFIX + HexFormat.of().formatHex(digest);
    }

    /** The digits alone, for a file's name. Refuses anything else, as digests come in from outside. */
    static String hex(String digest) {
        if (!digest.matches("sha256:[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "digest: '" + digest + "' (expected: sha256: and 64 hexadecimal digits)");
        }
        return digest.substring(PREFIX.length());
    }

    /** Counts and digests what is written to it. */
    static final class Sink extends OutputStream {
        private final MessageDigest digest = fresh();
        private long bytes;

        @Override
        public void write(int b) {
            digest.update((byte) b);
            bytes++;
        }

        @Override
        public void write(byte[] b, int off, int len) {
            digest.update(b, off, len);
            bytes += len;
        }

        long bytes() {
            return bytes;
        }

        String digest() {
            return name(digest.digest());
        }
    }
}
