package dev.mayfly.functions.java.shim;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A CloudEvent 1.0 over HTTP, binary or structured mode. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Event(Map<String, String> attributes, byte[] data) {
    static Event of(FunctionRequest request) throws FunctionCall.BadRequest {
        Map<String, String> attributes = new LinkedHashMap<>();
        byte[] data = request.body();
        String type = request.header("content-type").orElse("");
        if (type.startsWith("application/cloudevents+json")) {
            data = structured(request, attributes);
        } else {
            request.headers().forEach((name, values) -> {
                if (name.startsWith("ce-")) {
                    attributes.put(
                            name.substring(3),
                            URLDecoder.decode(values.get(0).replace("+", "%2B"), StandardCharsets.UTF_8));
                }
            });
            if (!type.isEmpty()) {
                attributes.put("datacontenttype", type);
            }
        }
        for (String name : List.of("id", "source", "type", "specversion")) {
            if (attributes.getOrDefault(name, "").isEmpty()) {
                throw new FunctionCall.BadRequest("not a CloudEvent: '" + name + "' is missing");
            }
        }
        return new Event(attributes, data);
    }

    private static byte[] structured(FunctionRequest request, Map<String, String> attributes)
            throws FunctionCall.BadRequest {
        byte[] data = new byte[0];
        for (Map.Entry<String, String> each : JsonText.members(new String(request.body(), StandardCharsets.UTF_8))
                .entrySet()) {
            String raw = each.getValue();
            if (each.getKey().equals("data")) {
                data = raw.getBytes(StandardCharsets.UTF_8);
            } else if (each.getKey().equals("data_base64")) {
                data = Base64.getDecoder().decode(JsonText.text(raw));
            } else {
                attributes.put(each.getKey(), JsonText.text(raw));
            }
        }
        return data;
    }
}
