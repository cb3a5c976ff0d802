package dev.mayfly.identity;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Password hashes: PBKDF2 with HMAC-SHA-512 (RFC 8018), 210,000 rounds as OWASP's cheat sheet of 2023 has it. */
final class Passwords {
    private static final String FORMAT = "pbkdf2-sha512";
    private static final int ROUNDS = 210_000;
    private static final int ROUNDS_MAX = 10_000_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BITS = 512;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Passwords() {}

    static String hash(String password) {
        byte[] salt = random(SALT_BYTES);
        return text(salt, derive(password, salt, ROUNDS));
    }

    /** What no password matches, which takes as long to find out as for another hash. */
    static String nobodysHash() {
        return text(random(SALT_BYTES), random(HASH_BITS / Byte.SIZE));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    private static String text(byte[] salt, byte[] hash) {
        Base64.Encoder text = Base64.getEncoder().withoutPadding();
        return String.join("$", FORMAT, String.valueOf(ROUNDS), text.encodeToString(salt), text.encodeToString(hash));
    }

    static boolean matches(String password, String hash) {
        String[] parts = hash.split("\\$", -1);
        if (parts.length != 4 || !parts[0].equals(FORMAT)) {
            return false;
        }
        int rounds = Math.min(Integer.parseInt(parts[1]), ROUNDS_MAX);
        byte[] salt = Base64.getDecoder().decode(parts[2]);
        return MessageDigest.isEqual(Base64.getDecoder().decode(parts[3]), derive(password, salt, rounds));
    }

    private static byte[] derive(String password, byte[] salt, int rounds) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, rounds, HASH_BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2WithHmacSHA512", e);
        } finally {
            spec.clearPassword();
        }
    }
}
