package dev.mayfly.gateway.http;

import dev.mayfly.model.ErrorCode;

/** Why a request's head is refused. */
public record Fault(ErrorCode code, String detail) {
    static Fault invalid(String detail) {
        return new Fault(ErrorCode.INVALID_REQUEST, detail);
    }
}
