package dev.mayfly.pool.core;

import dev.mayfly.model.TenantName;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All instances that are not reaped yet, and what each tenant holds of the machine with them. */
final class SlotRegistry {
    /** What somebody holds. */
    static final class Holding {
        int instances;
        long memoryMib;
        int starts;

        private void add(Slot slot, int sign) {
            instances += sign;
            memoryMib += sign * (long) slot.memoryMib();
            starts += slot.phase.isStart() ? sign : 0;
        }

        private boolean nothing() {
            return instances == 0;
        }
    }

    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final Map<TenantName, Holding> tenants = new HashMap<>();
    private final Holding all = new Holding();
    private int reaping;

    @Nullable
    Slot find(String instance) {
        return slots.get(instance);
    }

    Collection<Slot> slots() {
        return slots.values();
    }

    /** Of all tenants together. */
    Holding all() {
        return all;
    }

    Holding of(TenantName tenant) {
        return tenants.getOrDefault(tenant, new Holding());
    }

    /** How many are being destroyed. */
    int reaping() {
        return reaping;
    }

    void enter(Slot slot) {
        slots.put(slot.id, slot);
        count(slot, 1);
    }

    void leave(Slot slot) {
        slots.remove(slot.id);
        count(slot, -1);
    }

    void move(Slot slot, Slot.Phase phase) {
        count(slot, -1);
        slot.phase = phase;
        count(slot, 1);
    }

    /** A generic instance becomes its release's: from now on its tenant holds it. */
    void bind(Slot slot, ReleaseGroup release) {
        count(slot, -1);
        slot.bind(release);
        slot.phase = Slot.Phase.BINDING;
        count(slot, 1);
    }

    private void count(Slot slot, int sign) {
        all.add(slot, sign);
        reaping += slot.phase == Slot.Phase.REAPING ? sign : 0;
        slot.tenant().ifPresent(tenant -> {
            Holding holding = tenants.computeIfAbsent(tenant, _ -> new Holding());
            holding.add(slot, sign);
            if (holding.nothing()) {
                tenants.remove(tenant);
            }
        });
    }
}
