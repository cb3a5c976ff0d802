package dev.mayfly.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class SubnetTest {
    private final Subnet subnet = Subnet.parse("10.70.16.0/20", "ab12");

    @Test
    void everyLinkHasItsOwnAddressesAndIsFoundByThem() {
        for (int link = 0; link < Subnet.LINKS; link++) {
            assertThat(subnet.linkOf(subnet.sandbox(link).address())).isEqualTo(link);
            assertThat(subnet.linkOf(subnet.host(link).address())).isEqualTo(-1);
            assertThat(subnet.prefix().contains(subnet.sandbox(link).address().getAddress()))
                    .isTrue();
            assertThat(subnet.prefix6().contains(subnet.sandbox6(link).address().getAddress()))
                    .isTrue();
        }
    }

    @Test
    void theNameServerIsNoLinksAndNothingOutsideIsOne() {
        assertThat(subnet.linkOf(subnet.nameServer().address())).isEqualTo(-1);
        assertThat(subnet.prefix().contains(subnet.nameServer().address().getAddress()))
                .isTrue();
        for (String other : new String[] {"10.70.15.254", "10.70.32.2", "203.0.113.2", "2001:db8::2"}) {
            assertThat(subnet.linkOf(InetAddress.ofLiteral(other))).as(other).isEqualTo(-1);
        }
    }

    @Test
    void writesItsNetworks() {
        assertThat(subnet).hasToString("10.70.16.0/20");
        assertThat(subnet.prefix6()).hasToString("fd6d:6179:666c:ab12:0:0:0:0/64");
    }
}
