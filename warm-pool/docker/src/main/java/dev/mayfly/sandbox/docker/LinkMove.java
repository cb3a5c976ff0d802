package dev.mayfly.sandbox.docker;

import dev.mayfly.sandbox.HostCommands;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves the link of a network from the namespace that our networks have made into one that somebody else has made. Nothing but
 * the link itself moves along: its addresses, routes and neighbours are read before and set again.
 */
final class LinkMove {
    private final List<String> from;
    private final long pid;
    private final List<String> settings = new ArrayList<>();
    private boolean six;

    private LinkMove(Path namespace, long pid) {
        this.from = List.of("nsenter", "--net=" + namespace);
        this.pid = pid;
    }

    /** @param pid a process in the namespace that it comes into */
    static void move(Path namespace, long pid) throws InterruptedException {
        LinkMove move = new LinkMove(namespace, pid);
        move.read();
        move.carryOut();
    }

    private void read() throws InterruptedException {
        settings.add("link set lo up");
        for (JsonObject link : ask("addr", "show", "dev", "eth0")) {
            objects(link.getJsonArray("addr_info")).forEach(this::address);
        }
        settings.add("link set eth0 up");
        ask("-4", "route").forEach(this::route);
        ask("-6", "route").forEach(this::route);
        // The machine's side answers no question about these: whoever is inside has to know them.
        ask("neigh", "show", "dev", "eth0", "nud", "permanent").forEach(this::neighbour);
    }

    private void address(JsonObject address) {
        if (!"global".equals(address.getString("scope"))) {
            return;
        }
        boolean ofSix = "inet6".equals(address.getString("family"));
        six |= ofSix;
        settings.add("addr add " + address.getString("local") + "/" + address.getInteger("prefixlen") + " dev eth0"
                + (ofSix ? " nodad" : ""));
    }

    private void route(JsonObject route) {
        if (route.containsKey("gateway")) {
            settings.add("route add " + route.getString("dst") + " via " + route.getString("gateway") + " dev eth0");
        }
    }

    private void neighbour(JsonObject neighbour) {
        settings.add("neigh replace " + neighbour.getString("dst") + " lladdr " + neighbour.getString("lladdr")
                + " nud permanent dev eth0");
    }

    private void carryOut() throws InterruptedException {
        String to = "--net=/proc/" + pid + "/ns/net";
        if (six) {
            // Engines before 26 switch IPv6 off in a network namespace that they connect with nothing.
            HostCommands.run("nsenter", to, "sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6");
        }
        HostCommands.run("", inside("ip", "link", "set", "eth0", "netns", String.valueOf(pid)));
        HostCommands.run(String.join("\n", settings) + "\n", List.of("nsenter", to, "ip", "-batch", "-"));
    }

    private List<JsonObject> ask(String... question) throws InterruptedException {
        List<String> command = inside("ip", "-j");
        command.addAll(List.of(question));
        String answer = HostCommands.run("", command).strip();
        return answer.isEmpty() ? List.of() : objects(new JsonArray(answer));
    }

    private List<String> inside(String... command) {
        List<String> all = new ArrayList<>(from);
        all.addAll(List.of(command));
        return all;
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }
}
