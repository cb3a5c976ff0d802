#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"

enum { FIRST_LINE_BYTES = 256 };

/* A script names its interpreter in its first line. That it is not there is told better here than by exec. */
static bool check_start(const char *path, int fd, char *why, size_t size) {
    char line[FIRST_LINE_BYTES];
    ssize_t got = read(fd, line, sizeof line - 1);
    if (got < 0) {
        snprintf(why, size, "%s: it cannot be read: %s", path, strerror(errno));
        return false;
    }
    line[got] = 0;
    if (got >= 4 && memcmp(line, "\177ELF", 4) == 0) return true;
    if (strncmp(line, "#!", 2) != 0) {
        snprintf(why, size, "%s: no program (expected: a binary of this machine, or a script that begins with #!)", path);
        return false;
    }
    char *interpreter = line + 2 + strspn(line + 2, " \t");
    interpreter[strcspn(interpreter, " \t\n")] = 0;
    if (access(interpreter, X_OK) == 0) return true;
    bool dos = interpreter[strcspn(interpreter, "\r")] != 0;
    interpreter[strcspn(interpreter, "\r")] = 0;
    snprintf(why, size, "%s: its interpreter %s%s cannot be run (expected: a program%s)", path, interpreter, dos ? "\\r" : "",
             dos ? ", and lines that end with LF alone" : "");
    return false;
}

bool program_check(const char *path, char *why, size_t size) {
    struct stat status;
    if (stat(path, &status) != 0) {
        snprintf(why, size, "%s: %s (expected: the program that function.target in mayfly.toml names)", path, strerror(errno));
        return false;
    }
    if (!S_ISREG(status.st_mode) || access(path, X_OK) != 0) {
        snprintf(why, size, "%s: not executable (expected: a file with the executable bit: chmod +x)", path);
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return errno == EACCES; /* A binary may be executable and not readable. */
    bool good = check_start(path, fd, why, size);
    close(fd);
    return good;
}

static _Noreturn void become(char *const argv[], char *const environment[], int input, int output, int error, pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signals_reset();
    if (getppid() == parent && dup2(input, 0) == 0 && dup2(output, 1) == 1) execve(argv[0], argv, environment);
    int why = errno;
    ssize_t told = write(error, &why, sizeof why);
    _exit(told > 0 ? 127 : 126);
}

bool program_start(struct program *program, char *const argv[], char *const environment[], int input, struct refusal *why) {
    int output[2] = {-1, -1}, error[2] = {-1, -1}, failure = 0;
    *program = (struct program){0, -1, false, false, 0};
    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0) {
        refuse(why, 503, "No more programs can be started here at the moment: %s", strerror(errno));
        close(output[0]), close(output[1]);
        return false;
    }
    signals_hold();
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) become(argv, environment, input, output[1], error[1], parent);
    failure = errno;
    if (pid > 0) {
        setpgid(pid, pid);
        signals_group(pid);
    }
    signals_release();
    close(output[1]);
    close(error[1]);
    program->pid = pid > 0 ? pid : 0;
    program->output = output[0];
    if (pid < 0) {
        refuse(why, 503, "No more programs can be started here at the moment: %s", strerror(failure));
    } else {
        ssize_t got;
        do got = read(error[0], &failure, sizeof failure);
        while (got < 0 && errno == EINTR);
        if (got > 0) refuse(why, 502, "%s cannot be run: %s", argv[0], strerror(failure));
        pid = got > 0 ? -1 : pid;
    }
    close(error[0]);
    if (pid < 0) program_end(program);
    return pid > 0;
}

/* Looks, and leaves it as it is: its number must not be anybody else's while its group may be killed. */
static void look(struct program *program) {
    siginfo_t info = {.si_pid = 0};
    if (program->ended || waitid(P_PID, program->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    program->ended = true;
    program->by_signal = info.si_code != CLD_EXITED;
    program->code = info.si_status;
}

int program_poll(struct program *program, struct pollfd *polled, nfds_t count, int milliseconds) {
    look(program);
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L}, none = {0, 0};
    return ppoll(polled, count, program->ended ? &none : milliseconds < 0 ? NULL : &limit, signals_while_waiting());
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void program_await(struct program *program, int milliseconds) {
    long long until = now_ms() + milliseconds, left;
    while (!program->ended && (left = until - now_ms()) > 0) program_poll(program, NULL, 0, left);
    look(program);
}

void program_end(struct program *program) {
    if (program->output >= 0) close(program->output);
    program->output = -1;
    if (program->pid == 0) return;
    kill(-program->pid, SIGKILL);
    kill(program->pid, SIGKILL); /* It may have left its group. */
    while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR) {}
    signals_group(0);
    program->pid = 0;
}

void program_say_end(const struct program *program, char *text, size_t size) {
    if (!program->ended) {
        snprintf(text, size, "it still runs");
    } else if (program->by_signal) {
        snprintf(text, size, "signal %d, %s", program->code, strsignal(program->code));
    } else {
        snprintf(text, size, "exit code %d", program->code);
    }
}
