package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.instance.AnswerListener;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a call is. A phase has the data that means something in it alone, is told what happens while the call is in it, and
 * gives back what it holds when the call ends. What a phase does not override means nothing to it, as an answer that comes late.
 */
sealed interface Phase extends AnswerListener permits Leasing, Connecting, Running, Lost, Answering, Tunnelling, Over {
    /** Of {@link #moved}: nobody is expected to send anything. */
    long STILL = -1;

    @Override
    default void head(HttpResponse head) {}

    @Override
    default void body(Buffer chunk) {}

    @Override
    default void end(HttpHeaders trailers) {}

    @Override
    default void drained() {}

    @Override
    default void broken(Throwable cause) {}

    /** No more of the caller's body can be read. */
    default void bodyBroken(Throwable cause) {}

    /** Whether the call ends when the caller's connection closes. */
    default boolean endsWithCaller() {
        return true;
    }

    /**
     * Ends the call without the app's whole answer.
     *
     * @param broken whether the instance must not serve again
     */
    default void fail(Call call, Outcome why, boolean broken) {
        call.answerInstead(why, broken);
    }

    /** The call is over: gives back what this phase holds. Called once, by {@link Call#end}. */
    void giveBack(boolean broken);

    /** Who has the call, or null as long as nobody has. */
    default @Nullable String instance() {
        return null;
    }

    /** Whether there is no instance yet that could take the request. */
    default boolean waitsForInstance() {
        return false;
    }

    /** Bytes of both directions since the call began, or {@link #STILL}. */
    default long moved() {
        return STILL;
    }

    /** Whether it is the caller whom all wait for. */
    default boolean callerStalls() {
        return false;
    }

    /** Whether the instance serves one request at a time, has all of this one and says nothing: it cannot serve others either. */
    default boolean instanceStuck() {
        return false;
    }

    /** Body bytes from the caller, for the record. */
    default long bytesIn(Call call) {
        return call.body.bytes();
    }

    /** Body bytes to the caller, for the record. */
    default long bytesOut() {
        return 0;
    }
}
