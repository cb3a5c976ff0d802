package dev.mayfly.functions.java.shim;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Calls {@code HttpFunction.service(HttpRequest, HttpResponse)} of the Functions Framework API, whose types are the tenant's. */
final class FrameworkHttp implements FunctionCall {
    private final Object function;
    private final Method service;

    FrameworkHttp(Object function, Class<?> type) throws ReflectiveOperationException {
        this.function = function;
        for (Method each : type.getMethods()) {
            if (each.getName().equals("service")) {
                this.service = each;
                return;
            }
        }
        throw new NoSuchMethodException(type + ".service");
    }

    @Override
    public HttpAnswer handle(FunctionRequest request) throws Exception {
        Class<?>[] types = service.getParameterTypes();
        ClassLoader loader = types[0].getClassLoader();
        Response response = new Response();
        Object in = Proxy.newProxyInstance(
                loader, new Class<?>[] {types[0]}, (self, method, args) -> ask(request, method.getName(), args));
        Object out = Proxy.newProxyInstance(
                loader, new Class<?>[] {types[1]}, (self, method, args) -> response.tell(method.getName(), args));
        FunctionLoader.invoke(service, function, in, out);
        return response.answer();
    }

    private static @Nullable Object ask(FunctionRequest request, String method, Object @Nullable [] args) {
        return switch (method) {
            case "getMethod" -> request.method();
            case "getUri" -> "http://" + request.header("host").orElse("localhost") + request.target();
            case "getPath" -> request.path();
            case "getQuery" -> request.query();
            case "getQueryParameters" -> request.parameters();
            case "getFirstQueryParameter" ->
                Optional.ofNullable(request.parameters().get(first(args))).map(values -> values.get(0));
            case "getParts" -> Map.of();
            case "getContentType" -> request.header("content-type");
            case "getContentLength" -> (long) request.body().length;
            case "getCharacterEncoding" -> Optional.empty();
            case "getInputStream" -> new ByteArrayInputStream(request.body());
            case "getReader" ->
                new BufferedReader(
                        new InputStreamReader(new ByteArrayInputStream(request.body()), StandardCharsets.UTF_8));
            case "getHeaders" -> request.headers();
            case "getFirstHeader" -> request.header(first(args));
            case "toString" -> request.method() + " " + request.target();
            case "hashCode" -> System.identityHashCode(request);
            case "equals" -> false;
            default -> throw new UnsupportedOperationException("HttpRequest." + method);
        };
    }

    private static String first(Object @Nullable [] args) {
        return args == null ? "" : String.valueOf(args[0]);
    }

    private static final class Response {
        private final Map<String, List<String>> headers = new LinkedHashMap<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final BufferedWriter writer = new BufferedWriter(new OutputStreamWriter(body, StandardCharsets.UTF_8));
        private int status = 200;

        @Nullable
        Object tell(String method, Object @Nullable [] args) {
            switch (method) {
                case "setStatusCode" -> status = args != null && args[0] instanceof Integer code ? code : status;
                case "setContentType" -> headers.put("content-type", new ArrayList<>(List.of(first(args))));
                case "appendHeader" ->
                    headers.computeIfAbsent(first(args).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                            .add(args == null ? "" : String.valueOf(args[1]));
                case "getContentType" -> {
                    return Optional.ofNullable(headers.get("content-type")).map(values -> values.get(0));
                }
                case "getHeaders" -> {
                    return headers;
                }
                case "getOutputStream" -> {
                    return body;
                }
                case "getWriter" -> {
                    return writer;
                }
                case "hashCode" -> {
                    return System.identityHashCode(this);
                }
                case "equals" -> {
                    return false;
                }
                case "toString" -> {
                    return "response " + status;
                }
                default -> throw new UnsupportedOperationException("HttpResponse." + method);
            }
            return null;
        }

        HttpAnswer answer() throws java.io.IOException {
            writer.flush();
            return new HttpAnswer(status, headers, body.toByteArray());
        }
    }
}
