package dev.mayfly.sandbox.network.names;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where clouds tell a machine who it is and hand out its credentials. No sandbox reaches these, under no policy, neither by
 * address nor by name: what answers there takes whoever asks for the machine itself. One list for the firewall and for names.
 */
public final class Metadata {
    /** Not only single addresses: providers put new services beside the old ones. */
    private static final List<String> NETWORKS = List.of(
            // Link-local: AWS, Google, Azure, Oracle, IBM, DigitalOcean, Hetzner, Vultr, Akamai, Huawei, OVH, OpenStack
            // and most
            // others at 169.254.169.254; tasks of ECS at 169.254.170.2, pods of EKS at .23; Tencent at 169.254.0.23 and
            // 169.254.10.10; Scaleway at 169.254.42.42.
            "169.254.0.0/16",
            "168.63.129.16/32", // Azure, WireServer: extensions with their settings, DHCP, names
            "192.0.0.0/24", // Oracle Cloud Classic at 192.0.0.192; protocol assignments otherwise
            "100.100.100.200/32", // Alibaba
            "100.96.0.96/32", // Volcengine and BytePlus
            "100.80.80.80/32", // UCloud
            "fe80::/10", // link-local: OpenStack at fe80::a9fe:a9fe
            "fd00:ec2::/32", // AWS: instances at ::254, pods of EKS at ::23, names and time beside them
            "fd20:ce::/64", // Google, instances without IPv4 at ::254
            "fd00:c1::/64", // Oracle at ::a9fe:a9fe
            "fd00:a9fe:a9fe::/64", // Akamai (Linode) at ::1
            "fd00:42::/64", // Scaleway at ::42
            "fd00:100::/64"); // Alibaba at ::100:200

    /** Names that lead there, which some providers serve under addresses that can change. */
    private static final Set<String> NAMES = Set.of(
            "metadata", // Google's and OpenStack's short form
            "metadata.google.internal",
            "metadata.goog",
            "instance-data", // AWS
            "instance-data.ec2.internal",
            "metadata.azure.internal",
            "metadata.azure.com",
            "metadata.tencentyun.com",
            "metadata.oraclecloud.com",
            "api.metadata.cloud.ibm.com",
            "metadata.platformequinix.com",
            "metadata.packet.net");

    private Metadata() {}

    /** Networks that no sandbox reaches. */
    public static Stream<Prefix> networks() {
        return NETWORKS.stream().map(Prefix::parse);
    }

    /** Whether the name is one of theirs; {@code instance-data} of every region, too. */
    static boolean isName(String name) {
        return NAMES.contains(name)
                || (name.startsWith("instance-data.") && name.endsWith(".compute.internal"))
                || name.endsWith(".metadata.google.internal");
    }
}
