package dev.mayfly.control.git;

import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectChecker;
import org.jspecify.annotations.Nullable;

/**
 * What git's own check of objects says (no {@code .git} in any spelling that some file system takes for it, no {@code ..}, no
 * name twice), after sizes and lengths that the check itself needs to be quick.
 */
final class ObjectRules extends ObjectChecker {
    ObjectRules() {
        setSafeForMacOS(true);
    }

    @Override
    public void check(@Nullable AnyObjectId id, int type, byte[] raw) throws CorruptObjectException {
        switch (type) {
            case Constants.OBJ_TREE -> checkNames(raw);
            case Constants.OBJ_COMMIT, Constants.OBJ_TAG -> {
                if (raw.length > PackLimits.TEXT_BYTES_MAX) {
                    throw PackBounds.tooLarge("a " + Constants.typeString(type) + " of " + raw.length
                            + " bytes (at most " + PackLimits.TEXT_BYTES_MAX + ")");
                }
            }
            default -> {}
        }
        super.check(id, type, raw);
    }

    /** A search for names that are there twice takes time with the square of their lengths. */
    private static void checkNames(byte[] raw) throws CorruptObjectException {
        if (raw.length > PackLimits.TREE_BYTES_MAX) {
            throw PackBounds.tooLarge(
                    "a directory of " + raw.length + " bytes (at most " + PackLimits.TREE_BYTES_MAX + ")");
        }
        int at = 0;
        while (at < raw.length) {
            while (at < raw.length && raw[at] != ' ') {
                at++;
            }
            int name = ++at;
            while (at < raw.length && raw[at] != 0) {
                at++;
            }
            if (at - name > TreeLimits.NAME_BYTES_MAX) {
                throw new CorruptObjectException("a name of more than " + TreeLimits.NAME_BYTES_MAX + " bytes");
            }
            at += 1 + Constants.OBJECT_ID_LENGTH;
        }
    }
}
