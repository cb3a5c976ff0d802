package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The pools of all servers: what they hold, what they have given out, what they may. */
@picocli.CommandLine.Command(
        name = "pool",
        description = {
            "What the pool of each server holds and has given out; for admins of the tenant local",
            "",
            "INSTANCES, STARTS, WAITING and MEMORY show what is and what may be; of WAITING the latter is for one release.",
            "CLAIMS counts what requests met: warm, thawed, pool, fresh, cold; MISSES those that met no room."
        })
final class Pool extends Command {
    Pool(Environment environment) {
        super(environment);
    }

    @Override
    void run() {
        JsonNode pools = api().get("/pool").path("items");
        if (json()) {
            print(pools);
            return;
        }
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        ArrayNode kinds = JsonNodeFactory.instance.arrayNode();
        for (JsonNode pool : pools) {
            rows.add(row(pool));
            for (JsonNode kind : pool.path("generics")) {
                kinds.add(((ObjectNode) kind.deepCopy()).set("server", pool.path("server")));
            }
        }
        Table.print(
                out(),
                rows,
                "server",
                "instances",
                "ready",
                "frozen",
                "generic",
                "starts",
                "waiting",
                "memory",
                "misses",
                "claims");
        if (!kinds.isEmpty()) {
            say("");
            Table.print(out(), kinds, "server", "kind", "ready", "starting", "target", "refillMs", "claims", "misses");
        }
    }

    private static ObjectNode row(JsonNode pool) {
        JsonNode caps = pool.path("caps");
        JsonNode states = pool.path("instances");
        int generic = 0;
        for (JsonNode kind : pool.path("generics")) {
            generic += kind.path("ready").asInt() + kind.path("starting").asInt();
        }
        int instances = generic;
        for (JsonNode count : states) {
            instances += count.asInt();
        }
        StringBuilder claims = new StringBuilder();
        pool.path("claims")
                .properties()
                .forEach(claim -> claims.append(claims.isEmpty() ? "" : " ")
                        .append(claim.getKey())
                        .append('=')
                        .append(claim.getValue().asText()));
        return JsonNodeFactory.instance
                .objectNode()
                .put("server", pool.path("server").asText())
                .put("instances", instances + "/" + caps.path("instances").asText())
                .put("ready", states.path("ready").asInt())
                .put("frozen", states.path("frozen").asInt())
                .put("generic", generic)
                .put(
                        "starts",
                        pool.path("starts").asText() + "/" + caps.path("starts").asText())
                .put(
                        "waiting",
                        pool.path("waiting").asText() + "/"
                                + caps.path("waiting").asText())
                .put(
                        "memory",
                        pool.path("memoryMib").asText() + "/"
                                + caps.path("memoryMib").asText() + " MiB")
                .put("misses", pool.path("misses").asLong())
                .put("claims", claims.toString());
    }
}
