#include "CLibAV.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// The libraries, each after those that it needs.
enum { avutil, swresample, avcodec, avformat, libraries };

// libavutil.so.57: the major version is the promise that the types in the headers are those of the library.
#define ELK_QUOTED(text) #text
#define ELK_FILE(library, major) "lib" #library ".so." ELK_QUOTED(major)
static const char *const files[libraries] = {
    [avutil] = ELK_FILE(avutil, LIBAVUTIL_VERSION_MAJOR),
    [swresample] = ELK_FILE(swresample, LIBSWRESAMPLE_VERSION_MAJOR),
    [avcodec] = ELK_FILE(avcodec, LIBAVCODEC_VERSION_MAJOR),
    [avformat] = ELK_FILE(avformat, LIBAVFORMAT_VERSION_MAJOR),
};

static const struct {
    int library;
    const char *name;
    size_t offset;
} functions[] = {
#define ELK_LIBAV_ENTRY(library, name) {library, #name, offsetof(elk_libav, name)},
    ELK_LIBAV_FUNCTIONS(ELK_LIBAV_ENTRY)
#undef ELK_LIBAV_ENTRY
};

static bool fail(char *reason, size_t capacity) {
    const char *message = dlerror();
    if (!message) message = "unknown fault";
    const char *slash = strrchr(message, '/');
    snprintf(reason, capacity, "%s", slash ? slash + 1 : message);
    return false;
}

bool elk_libav_load(const char *folder, elk_libav *table, char *reason, size_t capacity) {
    void *handles[libraries];
    for (int library = 0; library < libraries; library++) {
        char path[4096];
        snprintf(path, sizeof path, "%s%s%s", folder ? folder : "", folder ? "/" : "", files[library]);
        // All symbols at once: one that is missing is a reason here, and the end of the process later.
        handles[library] = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!handles[library]) return fail(reason, capacity);
    }
    for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
        void *function = dlsym(handles[functions[index].library], functions[index].name);
        if (!function) return fail(reason, capacity);
        memcpy((char *)table + functions[index].offset, &function, sizeof function);
    }
    return true;
}

int elk_swr_convert(const elk_libav *libav, struct SwrContext *resampler, uint8_t *output, int capacity,
                    const AVFrame *frame) {
    uint8_t *planes[1] = {output};
    if (!frame) return libav->swr_convert(resampler, planes, capacity, NULL, 0);
    return libav->swr_convert(resampler, planes, capacity, (const uint8_t **)frame->extended_data, frame->nb_samples);
}

AVIOContext *elk_avio_writer(const elk_libav *libav, int capacity, void *opaque,
                             int (*write)(void *opaque, const uint8_t *bytes, int count)) {
    unsigned char *buffer = libav->av_malloc((size_t)capacity);
    if (!buffer) return NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    AVIOContext *context = libav->avio_alloc_context(buffer, capacity, 1, opaque, NULL, write, NULL);
#else
    AVIOContext *context = libav->avio_alloc_context(buffer, capacity, 1, opaque, NULL, (int (*)(void *, uint8_t *, int))write, NULL);
#endif
    if (!context) libav->av_free(buffer);
    return context;
}
