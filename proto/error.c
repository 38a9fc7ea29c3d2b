#include "error.h"

#include <stdarg.h>
#include <stdio.h>

bool error_set(struct error *e, enum error_code code, const char *format, ...)
{
    va_list args;

    e->code = code;
    va_start(args, format);
    vsnprintf(e->message, sizeof(e->message), format, args);
    va_end(args);
    return false;
}

bool error_no_memory(struct error *e)
{
    return error_set(e, ERROR_NO_MEMORY, "out of memory");
}
