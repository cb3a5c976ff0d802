package dev.mayfly.gateway.http;

import dev.mayfly.gateway.routing.Hosts;
import dev.mayfly.model.ErrorCode;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request's head, checked against RFC 9112 and cleaned for the instance, in one pass over its fields. What two readers
 * could read in two ways is refused, so that nobody behind us can disagree about where the body ends.
 */
public final class RequestHead {
    /** Body length of a chunked request. */
    public static final long CHUNKED = -1;

    private final HttpServerRequest request;
    private final MultiMap forInstance = HttpHeaders.headers();
    private @Nullable Fault fault;
    private int fields;
    private @Nullable String host;
    private @Nullable String contentLength;
    private boolean chunked;
    private @Nullable List<String> connectionTokens;
    private @Nullable String upgrade;
    private boolean expectsContinue;
    private @Nullable String requestId;
    private @Nullable String traceParent;
    private long bodyLength;
    private String target = "/";
    private String hostKey = "";

    private RequestHead(HttpServerRequest request) {
        this.request = request;
    }

    /** Reads the head; {@link #fault()} says if it is to be refused. */
    public static RequestHead read(HttpServerRequest request, int fieldsMax) {
        RequestHead head = new RequestHead(request);
        request.headers().forEach(head::field);
        if (head.fault == null) {
            head.fault = head.check(fieldsMax);
        }
        if (head.fault == null) {
            head.dropConnectionNamed();
        }
        return head;
    }

    private void field(String name, String value) {
        fields++;
        if (name.isEmpty()) {
            fault = Fault.invalid("header field: without a name (expected: name: value)");
        }
        switch (Names.ofRequest(name)) {
            case PLAIN -> forInstance.add(name, value);
            case HOST -> host = once(host, value, "Host");
            case CONTENT_LENGTH -> contentLength = once(contentLength, value, "Content-Length");
            case TRANSFER_ENCODING -> transferEncoding(value);
            case CONNECTION -> connection(value);
            case UPGRADE -> upgrade = upgrade == null ? value : upgrade + ", " + value;
            case EXPECT -> expectsContinue |= value.strip().equalsIgnoreCase("100-continue");
            case REQUEST_ID -> requestId = value;
            case TRACE_PARENT -> traceParent = value;
            case DROPPED -> {}
        }
    }

    private String once(@Nullable String before, String value, String name) {
        if (before != null) {
            fault = Fault.invalid(name + ": given twice (expected: once)");
        }
        return value;
    }

    private void transferEncoding(String value) {
        if (chunked || !value.equalsIgnoreCase("chunked")) {
            fault = Fault.invalid("Transfer-Encoding: '" + printable(value) + "' (expected: chunked, once)");
        }
        chunked = true;
    }

    private void connection(String value) {
        List<String> tokens = connectionTokens;
        if (tokens == null) {
            tokens = new ArrayList<>(2);
            connectionTokens = tokens;
        }
        for (String token : value.split(",")) {
            tokens.add(token.strip().toLowerCase(Locale.ROOT));
        }
    }

    private @Nullable Fault check(int fieldsMax) {
        HttpVersion version = request.version();
        if (version == null) {
            return Fault.invalid("version: not HTTP/1.0 or HTTP/1.1");
        }
        if (fields > fieldsMax) {
            return new Fault(
                    ErrorCode.HEADERS_TOO_LARGE, "header fields: " + fields + " (expected: at most " + fieldsMax + ")");
        }
        Fault found = checkMethod();
        if (found == null) {
            found = checkTarget(request.uri());
        }
        if (found == null) {
            found = checkLength(version);
        }
        return found == null ? checkHost() : found;
    }

    private @Nullable Fault checkMethod() {
        HttpMethod method = request.method();
        if (HttpMethod.CONNECT.equals(method) || HttpMethod.TRACE.equals(method)) {
            return new Fault(ErrorCode.METHOD_NOT_ALLOWED, method.name() + ": not allowed (expected: GET, POST, …)");
        }
        String name = method.name();
        for (int i = 0; i < name.length(); i++) {
            if (!tokenChar(name.charAt(i))) {
                return Fault.invalid("method: '" + printable(name) + "' (expected: a token)");
            }
        }
        return null;
    }

    private @Nullable Fault checkTarget(String uri) {
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return Fault.invalid("request target: character " + (int) c + " (expected: percent-encoded)");
            }
        }
        if (uri.startsWith("/")) {
            target = uri;
            return null;
        }
        if (uri.equals("*") && HttpMethod.OPTIONS.equals(request.method())) {
            target = uri;
            return null;
        }
        if (uri.regionMatches(true, 0, "http://", 0, 7)) {
            return absoluteForm(uri);
        }
        return Fault.invalid("request target: '" + printable(uri) + "' (expected: a path)");
    }

    /** RFC 9112 3.2.2: the target's host wins over the Host field, which must be there all the same. */
    private @Nullable Fault absoluteForm(String uri) {
        int end = 7;
        while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?') {
            end++;
        }
        if (host == null && request.version() == HttpVersion.HTTP_1_1) {
            return Fault.invalid("Host: missing (expected: once)");
        }
        host = uri.substring(7, end);
        String rest = uri.substring(end);
        target = rest.startsWith("/") ? rest : "/" + rest;
        return null;
    }

    private @Nullable Fault checkLength(HttpVersion version) {
        String length = contentLength;
        if (chunked) {
            bodyLength = CHUNKED;
            if (length != null) {
                return Fault.invalid("Transfer-Encoding and Content-Length: both given (expected: one)");
            }
            return version == HttpVersion.HTTP_1_1 ? null : Fault.invalid("Transfer-Encoding: not in HTTP/1.0");
        }
        if (length == null) {
            return null;
        }
        if (length.isEmpty() || length.length() > 18) {
            return Fault.invalid("Content-Length: '" + printable(length) + "' (expected: digits)");
        }
        for (int i = 0; i < length.length(); i++) {
            if (length.charAt(i) < '0' || length.charAt(i) > '9') {
                return Fault.invalid("Content-Length: '" + printable(length) + "' (expected: digits)");
            }
        }
        bodyLength = Long.parseLong(length);
        return null;
    }

    private @Nullable Fault checkHost() {
        String value = host;
        if (value == null) {
            return Fault.invalid("Host: missing (expected: once)");
        }
        String key = Hosts.key(value);
        if (key == null) {
            return Fault.invalid("Host: '" + printable(value) + "' (expected: host or host:port)");
        }
        hostKey = key;
        return null;
    }

    /** Fields that the caller names in Connection end here. Only its own ones can: ours are set later. */
    private void dropConnectionNamed() {
        if (connectionTokens != null) {
            connectionTokens.forEach(forInstance::remove);
        }
    }

    private static boolean tokenChar(char c) {
        return c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
    }

    /** At most 100 characters that a terminal or log can bear. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 100); i++) {
            char c = text.charAt(i);
            out.append(c < ' ' || c >= 0x7f ? '?' : c);
        }
        return out.toString();
    }

    public @Nullable Fault fault() {
        return fault;
    }

    /** The caller's fields that may reach an instance, without Host, length and coding. */
    public MultiMap forInstance() {
        return forInstance;
    }

    /** The Host as the caller wrote it. */
    public String host() {
        return host == null ? "" : host;
    }

    /** The host as a route's key. */
    public String hostKey() {
        return hostKey;
    }

    /** Path and query. */
    public String target() {
        return target;
    }

    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** Length of the body in bytes, 0 for none, {@link #CHUNKED} if only its end will tell. */
    public long bodyLength() {
        return bodyLength;
    }

    public boolean hasBody() {
        return bodyLength != 0;
    }

    public boolean expectsContinue() {
        return expectsContinue && hasBody() && request.version() == HttpVersion.HTTP_1_1;
    }

    /** The protocol that a caller wants to upgrade to, or null. HTTP/2 in clear is not offered, so such a wish is passed over. */
    public @Nullable String upgrade() {
        boolean asked = upgrade != null
                && connectionTokens != null
                && connectionTokens.contains("upgrade")
                && HttpMethod.GET.equals(request.method())
                && !hasBody()
                && request.version() == HttpVersion.HTTP_1_1;
        return asked && upgrade != null && !upgrade.toLowerCase(Locale.ROOT).contains("h2c") ? upgrade : null;
    }

    /** The id that the caller gave, if it is harmless, or null. */
    public @Nullable String requestId() {
        return requestId != null && RequestIds.acceptable(requestId) ? requestId : null;
    }

    /** The caller's trace context, if it is valid, or null. */
    public @Nullable String traceParent() {
        return traceParent != null && TraceParent.valid(traceParent) ? traceParent : null;
    }
}
