package dev.mayfly.bench.server;

import java.util.Map;

/** The app that benchmarks push: no packages, one file. */
public final class SmallApp {
    private SmallApp() {}

    public static Map<String, String> files(String idleTimeout) {
        return Map.of(
                "package.json",
                "{\"name\":\"bench\",\"scripts\":{\"start\":\"node server.js\"}}\n",
                "server.js",
                "require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT)\n",
                "mayfly.toml",
                "schema = 1\nkind = \"web\"\n[limits]\nidle-timeout = \"" + idleTimeout + "\"\n");
    }
}
