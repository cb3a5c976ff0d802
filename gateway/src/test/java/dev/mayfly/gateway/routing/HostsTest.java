package dev.mayfly.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostsTest {
    @ParameterizedTest
    @CsvSource({
        "shop.example, shop.example",
        "Shop.EXAMPLE, shop.example",
        "shop.example:8080, shop.example",
        "shop.example:, shop.example",
        "shop.example., shop.example",
        "SHOP.example.:65535, shop.example",
        "a_b.example, a_b.example",
        "127.0.0.1:80, 127.0.0.1",
        "[::1], [::1]",
        "[FE80::1]:80, [fe80::1]"
    })
    void aHostIsKnownByItsNameAlone(String authority, String key) {
        assertThat(Hosts.key(authority)).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                ":80",
                "a:65536",
                "a:100000",
                "a:8x",
                "a b",
                "ä.example",
                "a/b",
                "a@b",
                "[]",
                "[::1",
                "[::g]",
                "[::1]80",
                "[::1]x"
            })
    void whatIsNoHostHasNoKey(String authority) {
        assertThat(Hosts.key(authority)).isNull();
    }

    @Test
    void aNameHasAtMost253Characters() {
        assertThat(Hosts.key("a".repeat(253))).isNotNull();
        assertThat(Hosts.key("a".repeat(253) + ".")).isNotNull();
        assertThat(Hosts.key("a".repeat(254))).isNull();
    }
}
