package dev.mayfly.sandbox.network.netlink;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes and removes links of the namespace in which it was made. Safe from many threads. */
public final class Links implements AutoCloseable {
    private static final int NEW_LINK = 16;
    private static final int DELETE_LINK = 17;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int NEW_ROUTE = 24;
    private static final int NEW_NEIGHBOUR = 28;

    private static final int UP = 1;
    private static final int NO_ARP = 0x80;
    private static final int LOOPBACK_INDEX = 1;

    private static final String FAR_NAME = "eth0";

    private final NetlinkSocket socket;

    Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** For the namespace of the calling thread. */
    public static Links open() {
        return new Links(NetlinkSocket.open(NetlinkSocket.ROUTE));
    }

    /** Makes the pair and both of its ends ready. @throws NetlinkException if the kernel refuses; part of it may be left */
    void make(Pair pair, int namespaceFd, Links inside) {
        String what = "make link " + pair.name();
        int index = index(socket.send(what, List.of(veth(pair, namespaceFd), get(pair.name()))));
        int farIndex = index(inside.socket.send(what, List.of(get(FAR_NAME))));
        List<Message> far =
                new ArrayList<>(List.of(change(LOOPBACK_INDEX, UP), noOwnAddress(farIndex), change(farIndex, UP)));
        List<Message> near = new ArrayList<>(List.of(noOwnAddress(index), change(index, UP)));
        for (int i = 0; i < pair.near().size(); i++) {
            far.add(address(farIndex, pair.far().get(i)));
            far.add(neighbour(farIndex, pair.near().get(i), mac(pair.nearMac())));
            far.add(defaultRoute(farIndex, pair.near().get(i)));
            near.add(address(index, pair.near().get(i)));
            near.add(neighbour(index, pair.far().get(i), mac(pair.farMac())));
        }
        // The near end last: it then has its carrier at once. To come by it later, or to change another flag meanwhile,
        // makes the kernel look at all IPv6 routes of the machine once more, of which every link has some.
        inside.socket.send("set up the far end of " + pair.name(), far);
        socket.send("set up link " + pair.name(), near);
        // Whoever asks is told when the far end can send (rtnl_getlink, since Linux 6.10), not a moment before.
        inside.socket.send("look at the far end of " + pair.name(), List.of(get(FAR_NAME)));
    }

    /** Makes a link that leads nowhere and holds addresses of this machine. Its other end has the same name and an 'x'. */
    public void makeHolder(String name, List<Address> addresses) {
        Message create = new Message(NEW_LINK, Message.ACK | Message.CREATE | Message.EXCLUSIVE);
        linkHeader(create, 0, 0, 0).attribute(3, name);
        create.begin(18).attribute(1, "veth").begin(2).begin(1);
        linkHeader(create, 0, 0, 0).attribute(3, name + "x");
        create.end().end().end();
        int index = index(socket.send("make link " + name, List.of(create, get(name))));
        List<Message> messages = new ArrayList<>(List.of(noOwnAddress(index), change(index, UP | NO_ARP)));
        addresses.forEach(address -> messages.add(address(index, address)));
        socket.send("set up link " + name, messages);
    }

    /** Removes a link, its other end included. Returns false if there is none of that name. Takes 10 ms and more. */
    public boolean remove(String name) {
        try {
            Message message = new Message(DELETE_LINK, Message.ACK);
            socket.send(
                    "remove link " + name, List.of(linkHeader(message, 0, 0, 0).attribute(3, name)));
            return true;
        } catch (NetlinkException e) {
            if (e.isMissing()) {
                return false;
            }
            throw e;
        }
    }

    public boolean exists(String name) {
        try {
            return !socket.send("look for link " + name, List.of(get(name))).isEmpty();
        } catch (NetlinkException e) {
            if (e.isMissing()) {
                return false;
            }
            throw e;
        }
    }

    /** From the answer to {@link #get}. */
    private static int index(List<ByteBuffer> answers) {
        return answers.getLast().getInt(Message.HEADER + 4);
    }

    private static Message veth(Pair pair, int namespaceFd) {
        Message message = new Message(NEW_LINK, Message.ACK | Message.CREATE | Message.EXCLUSIVE);
        linkHeader(message, 0, NO_ARP, NO_ARP)
                .attribute(3, pair.name())
                .attribute(4, pair.mtu())
                .attribute(1, mac(pair.nearMac()));
        message.begin(18).attribute(1, "veth").begin(2).begin(1);
        linkHeader(message, 0, 0, 0)
                .attribute(3, FAR_NAME)
                .attribute(4, pair.mtu())
                .attribute(1, mac(pair.farMac()))
                .attribute(28, namespaceFd);
        return message.end().end().end();
    }

    private static Message get(String name) {
        return linkHeader(new Message(GET_LINK, Message.ACK), 0, 0, 0).attribute(3, name);
    }

    private static Message change(int index, int flags) {
        return linkHeader(new Message(NEW_LINK, Message.ACK), index, flags, flags);
    }

    /** No link-local address: only those we give. */
    private static Message noOwnAddress(int index) {
        byte[] none = {1};
        return linkHeader(new Message(NEW_LINK, Message.ACK), index, 0, 0)
                .begin(26)
                .begin(10)
                .attribute(8, none)
                .end()
                .end();
    }

    private static Message linkHeader(Message message, int index, int flags, int change) {
        return message.int8(0).int8(0).int16(0).int32(index).int32(flags).int32(change);
    }

    private static Message address(int index, Address address) {
        int noDuplicateSearch = address.isV6() ? 2 : 0;
        return new Message(NEW_ADDRESS, Message.ACK | Message.CREATE | Message.EXCLUSIVE)
                .int8(address.family())
                .int8(address.bits())
                .int8(noDuplicateSearch)
                .int8(0)
                .int32(index)
                .attribute(2, address.bytes())
                .attribute(1, address.bytes());
    }

    private static Message neighbour(int index, Address address, byte[] mac) {
        int permanent = 0x80;
        return new Message(NEW_NEIGHBOUR, Message.ACK | Message.CREATE | Message.REPLACE)
                .int8(address.family())
                .int8(0)
                .int16(0)
                .int32(index)
                .int16(permanent)
                .int8(0)
                .int8(0)
                .attribute(1, address.bytes())
                .attribute(2, mac);
    }

    private static byte[] mac(long address) {
        return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(address).array(), 2, 8);
    }

    private static Message defaultRoute(int index, Address gateway) {
        int mainTable = 254;
        int setByUs = 4;
        int unicast = 1;
        return new Message(NEW_ROUTE, Message.ACK | Message.CREATE | Message.EXCLUSIVE)
                .int8(gateway.family())
                .int8(0)
                .int8(0)
                .int8(0)
                .int8(mainTable)
                .int8(setByUs)
                .int8(0)
                .int8(unicast)
                .int32(0)
                .attribute(5, gateway.bytes())
                .attribute(4, index);
    }

    @Override
    public void close() {
        socket.close();
    }
}
