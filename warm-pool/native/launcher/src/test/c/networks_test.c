/* Links: networks.c kernel.c */
#include "networks.h"

#include <fcntl.h>
#include <unistd.h>

#include "check.h"

enum { KEPT = 256 };

/* No namespaces are made here: any descriptor will do. */
static int network(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static void onlyItsTenantGetsANetworkAgain(void) {
    int a = network(), b = network();
    networks_give(a, "a");
    networks_give(b, "b");
    CHECK_NUMBER(networks_take("c"), -1);
    CHECK_NUMBER(networks_take("aa"), -1);
    CHECK_NUMBER(networks_take(""), -1);
    CHECK_NUMBER(networks_take("a"), a);
    CHECK_NUMBER(networks_take("a"), -1);
    CHECK_NUMBER(networks_take("b"), b);
    CHECK_NUMBER(networks_kept(), 0);
    close(a);
    close(b);
}

static void oneOfMayGoToEachSandboxOfATenant(void) {
    int a = network(), b = network();
    networks_give(a, "a");
    networks_give(b, "a");
    int first = networks_take("a"), second = networks_take("a");
    CHECK(first != second && first + second == a + b);
    CHECK_NUMBER(networks_take("a"), -1);
    close(a);
    close(b);
}

static void theLongestNamesAreKeptApart(void) {
    char name[65], other[65];
    memset(name, 'n', 64);
    name[64] = 0;
    memcpy(other, name, 65);
    other[63] = 'o';
    int fd = network();
    networks_give(fd, name);
    CHECK_NUMBER(networks_take(other), -1);
    CHECK_NUMBER(networks_take(name), fd);
    close(fd);
}

static void onlySoManyAreKeptAndTheRestIsClosed(void) {
    int fds[KEPT + 50], open = 0;
    for (int i = 0; i < KEPT + 50; i++) fds[i] = network();
    for (int i = 0; i < KEPT + 50; i++) networks_give(fds[i], "a");
    for (int i = 0; i < KEPT + 50; i++) open += is_open(fds[i]);
    CHECK_NUMBER(networks_kept(), KEPT);
    CHECK_NUMBER(open, KEPT);
    CHECK(is_open(fds[KEPT + 49])); /* The last one came in. */
    for (int fd, taken = 0; (fd = networks_take("a")) >= 0; close(fd)) CHECK(++taken <= KEPT);
    CHECK_NUMBER(networks_kept(), 0);
}

int main(void) {
    onlyItsTenantGetsANetworkAgain();
    oneOfMayGoToEachSandboxOfATenant();
    theLongestNamesAreKeptApart();
    onlySoManyAreKeptAndTheRestIsClosed();
    return check_result();
}
