package dev.mayfly.model;

import java.io.Serial;

/** Something that somebody wrote has a field that is wrong. The message is the field's {@link InvalidField#toString}. */
public final class InvalidFieldException extends MayflyException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient InvalidField field;

    public InvalidFieldException(ErrorCode code, InvalidField field) {
        super(code, field.toString());
        this.field = field;
    }

    /** Of a manifest: {@code MANIFEST_INVALID}. */
    public static InvalidFieldException ofManifest(String path, Object value, String expected) {
        return new InvalidFieldException(ErrorCode.MANIFEST_INVALID, InvalidField.of(path, value, expected));
    }

    public InvalidField field() {
        return field;
    }
}
