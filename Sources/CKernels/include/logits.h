#ifndef ELK_LOGITS_H
#define ELK_LOGITS_H

#include <stddef.h>
#include <stdint.h>

// Passes over one row of logits. Results do not depend on the width of the machine's vectors, so that a seed gives the
// same tokens everywhere. NaN is passed over.

/// The largest value, -INFINITY when there is none.
float elk_logit_max(const float *logits, size_t count);

/// The sum of exp((logit - shift) * scale); `shift` is at least the largest logit and `scale` is positive.
float elk_logit_exp_sum(const float *logits, size_t count, float shift, float scale);

/// The first index at which the running sum of exp((logit - shift) * scale) passes `*target`, or `count` if it never does;
/// then `*target` is less by the whole sum. -INFINITY is never chosen.
size_t elk_logit_find(const float *logits, size_t count, float shift, float scale, double *target);

/// Merges the finite logits with ids `first ..< last` into `ids`, the best `filled` so far, best first and lower ids first
/// among equals; keeps at most `limit`. `logits` is the whole row. Returns how many are filled now. Ids must come in
/// increasing order from call to call.
size_t elk_logit_top(const float *logits, size_t first, size_t last, size_t limit, int32_t *ids, size_t filled);

#endif
