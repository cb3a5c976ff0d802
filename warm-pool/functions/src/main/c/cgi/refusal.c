#include "refusal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

bool refuse(struct refusal *refusal, int status, const char *format, ...) {
    va_list values;
    refusal->status = status;
    va_start(values, format);
    vsnprintf(refusal->detail, sizeof refusal->detail, format, values);
    va_end(values);
    return false;
}
