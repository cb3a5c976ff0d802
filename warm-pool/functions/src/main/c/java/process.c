/* What Java cannot do to its own process: its directory, its environment, a descriptor that it was given. Each returns 0 or
 * more, or -errno. Needs the symbols of any C library that the JVM has loaded, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { PIECE = 16 * 1024 };

/* The bytes with a NUL at their end; to be freed. */
static char *text_of(JNIEnv *env, jbyteArray bytes) {
    jsize length = (*env)->GetArrayLength(env, bytes);
    char *text = malloc((size_t)length + 1);
    if (text == NULL) return NULL;
    (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *)text);
    text[length] = '\0';
    return text;
}

JNIEXPORT jint JNICALL Java_dev_mayfly_functions_java_shim_OwnProcess_chdir(JNIEnv *env, jclass type, jbyteArray path) {
    (void)type;
    char *text = text_of(env, path);
    if (text == NULL) return -ENOMEM;
    int result = chdir(text) == 0 ? 0 : -errno;
    free(text);
    return result;
}

JNIEXPORT jint JNICALL Java_dev_mayfly_functions_java_shim_OwnProcess_clearenv(JNIEnv *env, jclass type) {
    (void)env;
    (void)type;
    static char *none[] = {NULL};
    environ = none; /* Not clearenv(), which leaves no list at all: Java reads it without looking. */
    return 0;
}

/* Takes NAME=value, which stays in use for ever. */
JNIEXPORT jint JNICALL Java_dev_mayfly_functions_java_shim_OwnProcess_putenv(JNIEnv *env, jclass type, jbyteArray entry) {
    (void)type;
    char *text = text_of(env, entry);
    if (text == NULL) return -ENOMEM;
    return putenv(text) == 0 ? 0 : -errno;
}

/* Bytes read into the array, 0 at the end. */
JNIEXPORT jint JNICALL Java_dev_mayfly_functions_java_shim_OwnProcess_read(JNIEnv *env, jclass type, jint fd, jbyteArray into) {
    (void)type;
    jbyte piece[PIECE];
    jsize room = (*env)->GetArrayLength(env, into);
    ssize_t got;
    do got = read(fd, piece, room < PIECE ? (size_t)room : PIECE);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    (*env)->SetByteArrayRegion(env, into, 0, (jsize)got, piece);
    return (jint)got;
}

JNIEXPORT jint JNICALL Java_dev_mayfly_functions_java_shim_OwnProcess_close(JNIEnv *env, jclass type, jint fd) {
    (void)env;
    (void)type;
    return close(fd) == 0 ? 0 : -errno;
}

/* Programs that it starts may share its standard input, but not the socket that it was handed there. */
JNIEXPORT jint JNICALL Java_dev_mayfly_functions_java_shim_OwnProcess_emptyInput(JNIEnv *env, jclass type) {
    (void)env;
    (void)type;
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) return -errno;
    int result = dup2(nothing, 0) == 0 ? 0 : -errno;
    close(nothing);
    return result;
}
