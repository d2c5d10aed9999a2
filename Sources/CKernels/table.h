// The entries of a level's table that vector_kernels.h provides.
#define VECTOR_KERNELS                                                                                                             \
    .product_half = product_half, .attend_cache = attend_cache, .layer_norm = layer_norm, .softmax = softmax, .to_half = to_half,  \
    .from_half = from_half, .power_spectrum = power_spectrum
