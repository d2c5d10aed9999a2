#ifndef ELK_CLIBAV_H
#define ELK_CLIBAV_H

#if !__has_include(<libavformat/avformat.h>)
#error "The headers of FFmpeg's libraries are missing: run scripts/setup"
#endif

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
#include <stdbool.h>

// FFmpeg's libraries, loaded when they are needed. If they were linked, every start of a process would map them and the
// hundred libraries below them: 20 MB and tens of milliseconds, even where no audio is read.

/// Every function that is used, as F(library, name).
#define ELK_LIBAV_FUNCTIONS(F)                                                                                           \
    F(avutil, av_channel_layout_compare)                                                                                 \
    F(avutil, av_channel_layout_copy)                                                                                    \
    F(avutil, av_channel_layout_default)                                                                                 \
    F(avutil, av_channel_layout_uninit)                                                                                  \
    F(avutil, av_dict_free)                                                                                              \
    F(avutil, av_dict_set)                                                                                               \
    F(avutil, av_frame_alloc)                                                                                            \
    F(avutil, av_frame_free)                                                                                             \
    F(avutil, av_frame_get_buffer)                                                                                       \
    F(avutil, av_frame_unref)                                                                                            \
    F(avutil, av_free)                                                                                                   \
    F(avutil, av_log_set_level)                                                                                          \
    F(avutil, av_malloc)                                                                                                 \
    F(avutil, av_max_alloc)                                                                                              \
    F(avutil, av_opt_set)                                                                                                \
    F(swresample, swr_alloc_set_opts2)                                                                                   \
    F(swresample, swr_convert)                                                                                           \
    F(swresample, swr_free)                                                                                              \
    F(swresample, swr_get_out_samples)                                                                                   \
    F(swresample, swr_init)                                                                                              \
    F(swresample, swr_set_matrix)                                                                                        \
    F(avcodec, av_packet_alloc)                                                                                          \
    F(avcodec, av_packet_free)                                                                                           \
    F(avcodec, av_packet_rescale_ts)                                                                                     \
    F(avcodec, av_packet_unref)                                                                                          \
    F(avcodec, avcodec_alloc_context3)                                                                                   \
    F(avcodec, avcodec_find_decoder)                                                                                     \
    F(avcodec, avcodec_find_encoder_by_name)                                                                             \
    F(avcodec, avcodec_free_context)                                                                                     \
    F(avcodec, avcodec_get_name)                                                                                         \
    F(avcodec, avcodec_open2)                                                                                            \
    F(avcodec, avcodec_parameters_from_context)                                                                          \
    F(avcodec, avcodec_parameters_to_context)                                                                            \
    F(avcodec, avcodec_receive_frame)                                                                                    \
    F(avcodec, avcodec_receive_packet)                                                                                   \
    F(avcodec, avcodec_send_frame)                                                                                       \
    F(avcodec, avcodec_send_packet)                                                                                      \
    F(avformat, av_probe_input_format3)                                                                                  \
    F(avformat, av_read_frame)                                                                                           \
    F(avformat, av_write_frame)                                                                                          \
    F(avformat, av_write_trailer)                                                                                        \
    F(avformat, avformat_alloc_context)                                                                                  \
    F(avformat, avformat_alloc_output_context2)                                                                          \
    F(avformat, avformat_close_input)                                                                                    \
    F(avformat, avformat_find_stream_info)                                                                               \
    F(avformat, avformat_free_context)                                                                                   \
    F(avformat, avformat_new_stream)                                                                                     \
    F(avformat, avformat_open_input)                                                                                     \
    F(avformat, avformat_write_header)                                                                                   \
    F(avformat, avio_alloc_context)                                                                                      \
    F(avformat, avio_flush)                                                                                              \
    F(avformat, avio_context_free)

/// The functions under their own names, with the types of the headers that this was compiled with.
typedef struct {
#define ELK_LIBAV_MEMBER(library, name) __typeof__(name) *_Nonnull name;
    ELK_LIBAV_FUNCTIONS(ELK_LIBAV_MEMBER)
#undef ELK_LIBAV_MEMBER
} elk_libav;

/// Loads the libraries of the major versions that this was compiled with, from `folder`, or where the system keeps its
/// libraries when that is NULL, and fills the table. They stay loaded. False when one of them, one that they need or a
/// function is missing: then `reason` says which, in the linker's words without any folder.
bool elk_libav_load(const char *_Nullable folder, elk_libav *_Nonnull table, char *_Nonnull reason, size_t capacity);

/// swr_convert to one interleaved buffer; no frame drains the resampler. The constness of swr_convert's parameters differs
/// between FFmpeg versions, which Swift would see as different types.
int elk_swr_convert(const elk_libav *_Nonnull libav, struct SwrContext *_Nullable resampler, uint8_t *_Nullable output,
                    int capacity, const AVFrame *_Nullable frame);

/// An I/O context that hands what is written to `write`. The constness of its bytes differs between FFmpeg versions.
AVIOContext *_Nullable elk_avio_writer(const elk_libav *_Nonnull libav, int capacity, void *_Nullable opaque,
                                       int (*_Nonnull write)(void *_Nullable opaque, const uint8_t *_Nullable bytes, int count));

// Error codes whose macros Swift cannot import.
static const int elk_error_end_of_file = AVERROR_EOF;
static const int elk_error_invalid_data = AVERROR_INVALIDDATA;
static const int elk_error_interrupted = AVERROR_EXIT;
static const int elk_error_again = AVERROR(EAGAIN);
static const int elk_error_io = AVERROR(EIO);
static const int elk_error_invalid_argument = AVERROR(EINVAL);
static const int elk_error_not_permitted = AVERROR(EPERM);

#endif
