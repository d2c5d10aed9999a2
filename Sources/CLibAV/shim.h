#include <libavutil/version.h>

#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 28, 100)
#error "FFmpeg 5.1 or later is needed (libavformat, libavcodec, libswresample, libavutil)"
#endif

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

// Error codes whose macros Swift cannot import.
static const int elk_error_end_of_file = AVERROR_EOF;
static const int elk_error_invalid_data = AVERROR_INVALIDDATA;
static const int elk_error_interrupted = AVERROR_EXIT;
static const int elk_error_again = AVERROR(EAGAIN);
static const int elk_error_io = AVERROR(EIO);
static const int elk_error_invalid_argument = AVERROR(EINVAL);
static const int elk_error_not_permitted = AVERROR(EPERM);

/// swr_convert to one interleaved buffer; no frame drains the resampler. The constness of swr_convert's
/// parameters differs between FFmpeg versions, which Swift would see as different types.
static inline int elk_swr_convert(struct SwrContext *resampler, uint8_t *output, int capacity, const AVFrame *frame) {
    uint8_t *planes[1] = {output};
    if (!frame) {
        return swr_convert(resampler, planes, capacity, NULL, 0);
    }
    return swr_convert(resampler, planes, capacity, (const uint8_t **)frame->extended_data, frame->nb_samples);
}
