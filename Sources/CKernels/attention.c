// Drivers of the encoder's and the decoder's self-attention: how heads and queries are shared out.
#include "kernels.h"

typedef struct {
    const float *qkv, *log_counts;
    float *workspace, *output;
    int positions, heads, first, blocks;
    elk_head_kernels kernels;
} attention_work;

// Half of the heads at a time: packed, all of them take twice the memory of the states.
static int heads_at_once(int heads) { return (heads + 1) / 2; }

size_t elk_attention_floats(int positions, int heads) { return elk_head_floats(positions) * (size_t)heads_at_once(heads); }

static void pack_head(void *context, int head) {
    const attention_work *work = context;
    size_t width = (size_t)work->heads * HEAD, offset = (size_t)(work->first + head) * HEAD;
    work->kernels.pack(work->qkv + width + offset, work->qkv + 2 * width + offset, 3 * width, work->log_counts,
                       work->positions, work->workspace + elk_head_floats(work->positions) * (size_t)head);
}

static void attention_chunk(void *context, int chunk) {
    const attention_work *work = context;
    int head = chunk / work->blocks, first = chunk % work->blocks * ELK_PANEL;
    int count = work->positions - first < ELK_PANEL ? work->positions - first : ELK_PANEL;
    size_t width = (size_t)work->heads * HEAD, offset = (size_t)(work->first + head) * HEAD;
    float *scratch = elk_scratch(((size_t)work->positions + KEY_TILE + 2 * HEAD) * ELK_PANEL);
    work->kernels.attend(work->qkv + (size_t)first * 3 * width + offset, 3 * width, count,
                          work->workspace + elk_head_floats(work->positions) * (size_t)head, work->positions, scratch,
                          work->output + (size_t)first * width + offset, width);
}

void elk_attention(elk_pool *pool, elk_precision precision, const float *qkv, const float *log_counts, int positions, int heads,
                   float *workspace, float *output) {
    const elk_kernels *kernels = elk_kernels_current();
    attention_work work = {
        qkv,   log_counts, workspace, output, positions, heads, 0, (positions + ELK_PANEL - 1) / ELK_PANEL,
        precision == ELK_HALF ? kernels->exact_heads : kernels->fast_heads,
    };
    for (; work.first < heads; work.first += heads_at_once(heads)) {
        int count = heads - work.first < heads_at_once(heads) ? heads - work.first : heads_at_once(heads);
        elk_pool_run(pool, count, pack_head, &work);
        elk_pool_run(pool, count * work.blocks, attention_chunk, &work);
    }
}
