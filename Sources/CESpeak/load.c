#include "CESpeak.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define ELK_ESPEAK_ENTRY(result, name, parameters) {#name, offsetof(elk_espeak, name)},
    ELK_ESPEAK_FUNCTIONS(ELK_ESPEAK_ENTRY)
#undef ELK_ESPEAK_ENTRY
};

static bool fail(char *reason, size_t capacity) {
    const char *message = dlerror();
    if (!message) message = "unknown fault";
    const char *slash = strrchr(message, '/');
    snprintf(reason, capacity, "%s", slash ? slash + 1 : message);
    return false;
}

bool elk_espeak_load(const char *library, elk_espeak *table, char *reason, size_t capacity) {
    // All symbols at once: one that is missing is a reason here, and the end of the process later.
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return fail(reason, capacity);
    for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
        void *function = dlsym(handle, functions[index].name);
        if (!function) {
            fail(reason, capacity);
            dlclose(handle);
            return false;
        }
        memcpy((char *)table + functions[index].offset, &function, sizeof function);
    }
    return true;
}
