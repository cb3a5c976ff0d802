package dev.mayfly.functions.java.shim;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Calls {@code CloudEventsFunction.accept(CloudEvent)} of the Functions Framework API, whose types are the tenant's. */
final class FrameworkEvent implements FunctionCall {
    private static final Set<String> ATTRIBUTES =
            Set.of("id", "source", "type", "specversion", "datacontenttype", "dataschema", "subject", "time");

    private final Object function;
    private final Method accept;

    FrameworkEvent(Object function, Class<?> type) throws ReflectiveOperationException {
        this.function = function;
        for (Method each : type.getMethods()) {
            if (each.getName().equals("accept")) {
                this.accept = each;
                return;
            }
        }
        throw new NoSuchMethodException(type + ".accept");
    }

    @Override
    public HttpAnswer handle(FunctionRequest request) throws Exception {
        Event event = Event.of(request);
        Class<?> type = accept.getParameterTypes()[0];
        Object given = Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, args) -> ask(type.getClassLoader(), event, method.getName(), args));
        FunctionLoader.invoke(accept, function, given);
        return HttpAnswer.of(null);
    }

    private static @Nullable Object ask(ClassLoader loader, Event event, String method, Object @Nullable [] args)
            throws ReflectiveOperationException {
        Map<String, String> attributes = event.attributes();
        String name = args == null ? "" : String.valueOf(args[0]);
        return switch (method) {
            case "getId" -> attributes.get("id");
            case "getType" -> attributes.get("type");
            case "getSource" -> URI.create(attributes.getOrDefault("source", ""));
            case "getSubject" -> attributes.get("subject");
            case "getDataContentType" -> attributes.get("datacontenttype");
            case "getDataSchema" ->
                attributes.containsKey("dataschema") ? URI.create(attributes.get("dataschema")) : null;
            case "getTime" -> attributes.containsKey("time") ? OffsetDateTime.parse(attributes.get("time")) : null;
            case "getSpecVersion" ->
                Class.forName("io.cloudevents.SpecVersion", true, loader)
                        .getMethod("parse", String.class)
                        .invoke(null, attributes.get("specversion"));
            case "getData" -> data(loader, event);
            case "getAttribute" -> attributes.get(name);
            case "getExtension" -> ATTRIBUTES.contains(name) ? null : attributes.get(name);
            case "getAttributeNames" -> names(attributes, true);
            case "getExtensionNames" -> names(attributes, false);
            case "toString" -> "CloudEvent" + attributes;
            case "hashCode" -> attributes.hashCode();
            case "equals" -> false;
            default -> throw new UnsupportedOperationException("CloudEvent." + method);
        };
    }

    private static Set<String> names(Map<String, String> attributes, boolean known) {
        Set<String> names = new HashSet<>(attributes.keySet());
        names.removeIf(name -> ATTRIBUTES.contains(name) != known);
        return names;
    }

    private static Object data(ClassLoader loader, Event event) throws ClassNotFoundException {
        Class<?> type = Class.forName("io.cloudevents.CloudEventData", true, loader);
        return Proxy.newProxyInstance(loader, new Class<?>[] {type}, (self, method, args) -> switch (method.getName()) {
            case "toBytes" -> event.data();
            case "toString" -> event.data().length + " bytes";
            case "hashCode" -> event.data().length;
            default -> false;
        });
    }
}
