package dev.mayfly.store;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals configuration values: AES-256-GCM with a random 96-bit nonce each (NIST SP 800-38D). What they belong to is
 * authenticated with them, so a row copied to another app does not open.
 */
final class ConfigCipher {
    private static final String KEY_FILE = "config-key";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte FORMAT = 1;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;

    private ConfigCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /** With the key in this folder, made at first use, readable by its owner alone. */
    static ConfigCipher inFolder(Path folder) {
        Path file = folder.resolve(KEY_FILE);
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!Files.exists(file)) {
                create(file);
            }
            byte[] key = Base64.getDecoder().decode(Files.readString(file).strip());
            if (key.length != KEY_BYTES) {
                throw new MayflyException(
                        ErrorCode.CONFIG_INVALID,
                        file + ": " + key.length + " bytes (expected: " + KEY_BYTES + " in base 64)");
            }
            return new ConfigCipher(key);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the configuration's key", e);
        }
    }

    private static void create(Path file) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        RANDOM.nextBytes(key);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path fresh = Files.createTempFile(file.getParent(), KEY_FILE, ".new", ownerOnly);
        Files.writeString(fresh, Base64.getEncoder().encodeToString(key) + "\n");
        try {
            Files.createLink(file, fresh); // Fails if somebody was faster: then theirs is the key.
        } catch (FileAlreadyExistsException e) {
            // The other one's key is read by the caller.
        } finally {
            Files.delete(fresh);
        }
    }

    String seal(String clear, String belongsTo) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        byte[] sealed = run(Cipher.ENCRYPT_MODE, nonce, clear.getBytes(StandardCharsets.UTF_8), belongsTo);
        ByteBuffer out = ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length);
        out.put(FORMAT).put(nonce).put(sealed);
        return Base64.getEncoder().encodeToString(out.array());
    }

    String open(String sealed, String belongsTo) {
        ByteBuffer in = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
        byte format = in.get();
        if (format != FORMAT) {
            throw new MayflyException(
                    ErrorCode.INTERNAL, "sealed values of format " + format + " (expected: " + FORMAT + ")");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        in.get(nonce);
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return new String(run(Cipher.DECRYPT_MODE, nonce, rest, belongsTo), StandardCharsets.UTF_8);
    }

    private byte[] run(int mode, byte[] nonce, byte[] data, String belongsTo) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(belongsTo.getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new MayflyException(
                    ErrorCode.INTERNAL,
                    "configuration of " + belongsTo + " does not open with the key in secrets/" + KEY_FILE,
                    e);
        }
    }
}
