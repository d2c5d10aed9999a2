#include "logits.h"

#include "kernels.h"

float elk_logit_max(const float *logits, size_t count) { return elk_kernels_current()->logit_max(logits, count); }

float elk_logit_exp_sum(const float *logits, size_t count, float shift, float scale) {
    return elk_kernels_current()->logit_exp_sum(logits, count, shift, scale);
}

size_t elk_logit_find(const float *logits, size_t count, float shift, float scale, double *target) {
    return elk_kernels_current()->logit_find(logits, count, shift, scale, target);
}

size_t elk_logit_top(const float *logits, size_t first, size_t last, size_t limit, int32_t *ids, size_t filled) {
    return elk_kernels_current()->logit_top(logits, first, last, limit, ids, filled);
}
