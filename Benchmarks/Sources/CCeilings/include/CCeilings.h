#ifndef ELK_CEILINGS_H
#define ELK_CEILINGS_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// What a loop over registers does: multiply-adds of 8-bit and 16-bit integers, of bf16 pairs, of floats, or exponentials of floats.
typedef enum { CEILING_INT8, CEILING_INT16, CEILING_BF16, CEILING_F32, CEILING_EXP, CEILINGS } ceiling_kind;

/// Operations a second of `threads` threads together: two a multiply-add, one an exponential; the best of several tries with the
/// widest instructions of this processor. 0 where there is no loop for it.
double ceiling_rate(ceiling_kind kind, int threads);

/// The instructions that `ceiling_rate` uses, such as "vpdpbusd zmm"; "none" where there is no loop.
const char *ceiling_instructions(ceiling_kind kind);

/// Bytes a second that `threads` threads together read of `bytes` bytes, again and again; the best of several tries. 0 if there is
/// no memory for it.
double ceiling_bandwidth(size_t bytes, int threads);

/// The same of `bytes` bytes that are read `passes` times behind `others` other bytes, read once and not timed: memory that is used in
/// turns with other memory finds the caches full of that. 0 without memory.
double ceiling_bandwidth_behind(size_t others, size_t bytes, int passes, int threads);

#pragma clang assume_nonnull end
#endif
