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

typedef struct {
    const elk_self_attention_job *jobs;
    const elk_kernels *kernels;
} self_work;

static void self_chunk(void *context, int chunk) {
    const self_work *work = context;
    const elk_self_attention_job *job = work->jobs;
    while (chunk >= job->count * job->heads) chunk -= job->count * job->heads, job++;
    // The rows of a beam have most of what they look back at in common: head by head it stays in a core's cache.
    int query = chunk % job->count, head = chunk / job->count;
    size_t width = (size_t)job->heads * HEAD, offset = (size_t)head * HEAD;
    int positions = job->positions[query] + 1;
    float *scratch = elk_scratch((size_t)positions + 16);
    work->kernels->attend_cache(job->queries + (size_t)query * job->ldq + offset, job->cache_keys + offset, job->cache_values + offset,
                                width, width * (size_t)job->text_context, job->slot_table + (size_t)job->rows[query] * job->text_context,
                                positions, scratch, job->output + (size_t)query * width + offset);
}

void elk_self_attention(elk_pool *pool, const elk_self_attention_job *jobs, int count) {
    self_work work = {jobs, elk_kernels_current()};
    int chunks = 0;
    for (int i = 0; i < count; i++) chunks += jobs[i].count * jobs[i].heads;
    elk_pool_run(pool, chunks, self_chunk, &work);
}
