/* A zygote whose forks are the probe, without a program executed in between: what it is told is the probe's arguments. */
#define main probe_main
#include "probe.c"
#undef main
#include <dlfcn.h>

int main(void) {
    static char message[4096], *words[16];
    int (*serve)(int), count = 1;
    void *library = dlopen("/proc/self/fd/4", RTLD_NOW);
    if (!library || !(serve = (int (*)(int))dlsym(library, "mayfly_zygote"))) return fprintf(stderr, "%s\n", dlerror()), 1;
    if (serve(3) != 0) return 1;
    if (write(1, "generic\n", 8) != 8) return 1;
    for (ssize_t at = 0, got; (got = read(3, message + at, sizeof message - 1 - at)) > 0;) at += got;
    close(3);
    words[0] = "/workspace/probe";
    for (char *word = strtok(message, " "); word && count < 15; word = strtok(NULL, " ")) words[count++] = word;
    int code = probe_main(count, words);
    fflush(stdout);
    return code;
}
