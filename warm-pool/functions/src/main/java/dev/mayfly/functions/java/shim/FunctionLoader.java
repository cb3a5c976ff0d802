package dev.mayfly.functions.java.shim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds out what kind of function a class is. */
final class FunctionLoader {
    private static final String HTTP = "com.google.cloud.functions.HttpFunction";
    private static final String EVENT = "com.google.cloud.functions.CloudEventsFunction";

    private FunctionLoader() {}

    /**
     * How to call it. Functions Framework interfaces decide for themselves; a {@link Function} gets a map of the request
     * ({@code method}, {@code path}, {@code query}, {@code headers}, {@code body}) or, with signature cloudevent, of the
     * event's attributes and {@code data}.
     */
    static FunctionCall load(String className, String signature) throws ReflectiveOperationException {
        Class<?> type = named(className);
        Object function = type.getDeclaredConstructor().newInstance();
        Optional<Class<?>> http = implemented(type, HTTP);
        if (http.isPresent()) {
            return new FrameworkHttp(function, http.get());
        }
        Optional<Class<?>> event = implemented(type, EVENT);
        if (event.isPresent()) {
            return new FrameworkEvent(function, event.get());
        }
        if (function instanceof Function<?, ?> plain) {
            return plain(plain, signature.equals("cloudevent"));
        }
        throw new ReflectiveOperationException(
                className + " implements none of: java.util.function.Function<Map<String, Object>, Object>, " + HTTP
                        + ", " + EVENT);
    }

    private static Class<?> named(String className) throws ReflectiveOperationException {
        try {
            return Class.forName(className);
        } catch (ClassNotFoundException e) {
            throw new NoSuchTarget("function.target: '" + className + "' (expected: a class of this name in the app)");
        }
    }

    /** A mistake of the settings, not of the code: where it was found says nothing. */
    static final class NoSuchTarget extends ReflectiveOperationException {
        private static final long serialVersionUID = 1;

        NoSuchTarget(String what) {
            super(what);
        }
    }

    @SuppressWarnings("unchecked") // What the function takes is what this contract says.
    private static FunctionCall plain(Function<?, ?> function, boolean events) {
        Function<Map<String, Object>, @Nullable Object> typed =
                (Function<Map<String, Object>, @Nullable Object>) function;
        return request -> {
            Map<String, Object> input = new LinkedHashMap<>();
            if (events) {
                Event event = Event.of(request);
                input.putAll(event.attributes());
                input.put("data", event.data());
            } else {
                Map<String, String> query = new LinkedHashMap<>();
                request.parameters().forEach((name, values) -> query.put(name, values.get(values.size() - 1)));
                Map<String, String> headers = new LinkedHashMap<>();
                request.headers().forEach((name, values) -> headers.put(name, String.join(", ", values)));
                input.put("method", request.method());
                input.put("path", request.path());
                input.put("query", query);
                input.put("headers", headers);
                input.put("body", request.body());
            }
            return HttpAnswer.of(typed.apply(input));
        };
    }

    private static Optional<Class<?>> implemented(Class<?> type, String name) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Class<?> one : each.getInterfaces()) {
                if (one.getName().equals(name)) {
                    return Optional.of(one);
                }
            }
        }
        return Optional.empty();
    }

    /** Calls by reflection and throws what the function threw. */
    static @Nullable Object invoke(Method method, Object target, Object... arguments) throws Exception {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
