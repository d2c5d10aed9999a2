// The entries of a level's table that vector_kernels.h, logit_kernels.h and cross_kernels.h provide.
#define VECTOR_KERNELS                                                                                                             \
    .product_half = product_half, .exact_heads = {pack_head, attend}, .cached_scores = cached_scores, .cached_mix = cached_mix,         \
    .layer_norm = layer_norm, .softmax = softmax, .round_rows = round_rows, .pack_keys = pack_keys, .sum_values = sum_values,           \
    .to_half = to_half, .from_half = from_half, .power_spectrum = power_spectrum, .logit_max = logit_max,                               \
    .logit_exp_sum = logit_exp_sum, .logit_find = logit_find, .logit_top = logit_top
