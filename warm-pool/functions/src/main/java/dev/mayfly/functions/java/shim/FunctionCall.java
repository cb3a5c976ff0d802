package dev.mayfly.functions.java.shim;

/** How a function is called. */
interface FunctionCall {
    /** Answers one request. Anything thrown becomes a 500, but {@link BadRequest}, which becomes a 400. */
    HttpAnswer handle(FunctionRequest request) throws Exception;

    /** The request is not what the function's signature needs. */
    final class BadRequest extends Exception {
        private static final long serialVersionUID = 1;

        BadRequest(String message) {
            super(message);
        }
    }
}
