#include "events.h"

#include <stddef.h>
#include <sys/epoll.h>

static int epoll = -1;

int events_open(void) {
    epoll = epoll_create1(EPOLL_CLOEXEC);
    return epoll < 0 ? -1 : 0;
}

static int control(int operation, int fd, uint32_t what, enum source source, uint32_t number) {
    struct epoll_event event = {.events = what, .data.u64 = (uint64_t)source << 32 | number};
    return epoll_ctl(epoll, operation, fd, &event);
}

int events_watch(int fd, enum source source, uint32_t number) { return control(EPOLL_CTL_ADD, fd, EPOLLIN, source, number); }

void events_watch_writes(int fd, enum source source, bool wanted) {
    control(EPOLL_CTL_MOD, fd, EPOLLIN | (wanted ? EPOLLOUT : 0), source, 0);
}

void events_unwatch(int fd) { epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

int events_wait(struct event *to, int timeout_ms) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++)
        to[i] = (struct event){events[i].data.u64 >> 32, events[i].data.u64, events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)};
    return count > 0 ? count : 0;
}
