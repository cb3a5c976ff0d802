package dev.mayfly.sandbox.network.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PublicAddressesTest {
    private final PublicAddresses addresses =
            new PublicAddresses(List.of(Prefix.parse("198.51.100.0/24"), Prefix.parse("2001:db8:bad::/48")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.0.0.1",
                "100.64.0.1",
                "127.0.0.1",
                "127.1.2.3",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.168.1.1",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "198.51.100.7",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:203.0.113.1",
                "::203.0.113.1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::1",
                "2001:0:1::1",
                "2002:7f00:1::1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "100::1",
                "2001:db8:bad::1",
                "100.100.100.200",
                "100.96.0.96",
                "168.63.129.16",
                "192.0.0.192",
                "169.254.170.2",
                "fd00:ec2::23",
                "fd20:ce::254",
                "fd00:c1::a9fe:a9fe",
                "fd00:a9fe:a9fe::1",
                "fd00:42::42",
                "fd00:100::100:200",
                "::ffff:100.100.100.200",
                "64:ff9b::a83f:8110"
            })
    void neverContain(String address) {
        assertThat(addresses.contain(Prefix.parse(address).bytes())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "11.0.0.0",
                "9.255.255.255",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "168.63.129.15",
                "168.63.129.17",
                "192.167.255.255",
                "192.169.0.0",
                "198.20.0.0",
                "223.255.255.255",
                "203.0.113.1",
                "2001:1::1",
                "2606:4700::1111",
                "2001:db8::1",
                "64:ff9c::1"
            })
    void containWhatTheInternetReaches(String address) {
        assertThat(addresses.contain(Prefix.parse(address).bytes())).isTrue();
    }
}
