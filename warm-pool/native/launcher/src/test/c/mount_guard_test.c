/* Links: mount_guard.c */
#include "mount_guard.h"

#include "check.h"

/* Nothing is mounted here: the guard alone is asked. */
#define OWN "/proc/self/ns/mnt"
#define OTHER "/proc/self/ns/uts" /* stands for the namespace of somebody else: a file that is not the same */

static struct mount_guard_list none;

static void whoKnowsNothingMountsNothing(void) {
    mount_guard_import(&none);
    CHECK(mount_guard_refusal(OWN) != NULL);
    CHECK(mount_guard_refusal(OTHER) != NULL);
}

static void inAForbiddenNamespaceNothingIsMounted(void) {
    mount_guard_import(&none);
    CHECK(mount_guard_forbid(OWN) == NULL);
    CHECK(mount_guard_refusal(OWN) != NULL);
    CHECK(mount_guard_refusal(OTHER) == NULL);
    CHECK(mount_guard_refusal("/proc/self/ns/nothing") != NULL);
}

static void theListGoesAlongWhole(void) {
    struct mount_guard_list list;
    mount_guard_import(&none);
    mount_guard_forbid(OTHER);
    mount_guard_forbid(OWN);
    mount_guard_export(&list);
    mount_guard_import(&none);
    mount_guard_import(&list);
    CHECK(mount_guard_refusal(OWN) != NULL);
    CHECK(mount_guard_refusal(OTHER) != NULL);
    CHECK(mount_guard_refusal("/proc/self/ns/ipc") == NULL);
}

static void aListThatCannotBeForbidsAll(void) {
    struct mount_guard_list list = {.count = FORBIDDEN_MAX + 1};
    mount_guard_import(&list);
    CHECK(mount_guard_refusal(OWN) != NULL);
    list.count = -1;
    mount_guard_import(&list);
    CHECK(mount_guard_refusal(OWN) != NULL);
}

static void moreThanTheListHoldsIsRefused(void) {
    mount_guard_import(&none);
    for (int i = 0; i < FORBIDDEN_MAX; i++) CHECK(mount_guard_forbid(OTHER) == NULL);
    CHECK(mount_guard_forbid(OWN) != NULL);
}

static void oursIsForbiddenByDefault(void) {
    mount_guard_import(&none);
    CHECK(mount_guard_open() != NULL); /* A test shares its mount namespace with its parent. */
}

int main(void) {
    whoKnowsNothingMountsNothing();
    inAForbiddenNamespaceNothingIsMounted();
    theListGoesAlongWhole();
    aListThatCannotBeForbidsAll();
    moreThanTheListHoldsIsRefused();
    oursIsForbiddenByDefault();
    return check_result();
}
