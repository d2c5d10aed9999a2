// Drivers of the three attentions: how heads and queries are shared out.
#include "kernels.h"

#include <string.h>

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

static size_t half_panels(int n, int k) { return elk_matrix_bytes(ELK_HALF, n, k) / sizeof(uint16_t); }

// A head of a packed layer: keys as the weights of a [positions × 64] product, then values as those of a [64 × positions] one.
static size_t cross_head_halves(int positions) { return half_panels(positions, HEAD) + half_panels(HEAD, positions); }

size_t elk_cross_halves(int positions, int heads) { return cross_head_halves(positions) * (size_t)heads; }

typedef struct {
    const elk_matrix *matrix;
    const float *bias, *states;
    int positions, heads;
    uint16_t *packed;
    const elk_kernels *kernels;
} cross_project_work;

// Whole panels of keys, so that two threads never write to the same.
enum { CROSS_BLOCK = 3 * ELK_PANEL };

static void cross_pack(const cross_project_work *work, const float *projected, int first, int rows) {
    size_t width = (size_t)work->heads * HEAD;
    float panel[HEAD * ELK_PANEL];
    for (int head = 0; head < work->heads; head++) {
        const float *key = projected + (size_t)head * HEAD, *value = key + width;
        uint16_t *keys = work->packed + cross_head_halves(work->positions) * (size_t)head;
        uint16_t *values = keys + half_panels(work->positions, HEAD);
        for (int t = 0; t < rows; t += ELK_PANEL) {
            for (int i = 0; i < ELK_PANEL; i++)
                for (int e = 0; e < HEAD; e++)
                    panel[e * ELK_PANEL + i] = t + i < rows ? key[(size_t)(t + i) * 2 * width + e] : 0.0f;
            work->kernels->to_half(panel, keys + (size_t)(first + t) * HEAD, HEAD * ELK_PANEL);
        }
        for (int half = 0; half < HEAD / ELK_PANEL; half++)
            for (int t = 0; t < rows; t++)
                work->kernels->to_half(value + (size_t)t * 2 * width + half * ELK_PANEL,
                                       values + ((size_t)half * work->positions + first + t) * ELK_PANEL, ELK_PANEL);
    }
}

static void cross_project_chunk(void *context, int chunk) {
    const cross_project_work *work = context;
    int first = chunk * CROSS_BLOCK, rows = work->positions - first < CROSS_BLOCK ? work->positions - first : CROSS_BLOCK;
    int width = work->heads * HEAD;
    size_t needed = (elk_product_scratch(CROSS_BLOCK, width) + 15) / 16 * 16;
    float *scratch = elk_scratch(needed + (size_t)CROSS_BLOCK * 2 * (size_t)width), *projected = scratch + needed;
    elk_product product = {
        .x = work->states + (size_t)first * width,
        .ldx = (size_t)width,
        .data = work->matrix->data,
        .n = work->matrix->n,
        .k = width,
        .bias = work->bias,
        .y = projected,
        .ldy = 2 * (size_t)width,
    };
    elk_run_product(work->kernels, work->matrix->precision, &product, rows, scratch);
    cross_pack(work, projected, first, rows);
}

void elk_cross_project(elk_pool *pool, const elk_matrix *matrix, const float *bias, const float *states, int positions, int heads,
                       uint16_t *packed) {
    cross_project_work work = {matrix, bias, states, positions, heads, packed, elk_kernels_current()};
    elk_pool_run(pool, (positions + CROSS_BLOCK - 1) / CROSS_BLOCK, cross_project_chunk, &work);
}

typedef struct {
    const elk_cross_attention_job *jobs;
    int count, heads;
    const elk_kernels *kernels;
} cross_work;

enum { CROSS_ROWS = 12 };

static int cross_blocks(const elk_cross_attention_job *job) { return (job->rows + CROSS_ROWS - 1) / CROSS_ROWS; }

static void cross_chunk(void *context, int chunk) {
    const cross_work *work = context;
    const elk_cross_attention_job *job = work->jobs;
    while (chunk >= work->heads * cross_blocks(job)) chunk -= work->heads * cross_blocks(job++);
    int head = chunk / cross_blocks(job), first = chunk % cross_blocks(job) * CROSS_ROWS, positions = job->positions;
    int rows = job->rows - first < CROSS_ROWS ? job->rows - first : CROSS_ROWS;
    size_t width = (size_t)work->heads * HEAD, ld = (size_t)positions;
    const uint16_t *keys = job->packed + cross_head_halves(positions) * (size_t)head;
    const uint16_t *values = keys + half_panels(positions, HEAD);
    float *scores = elk_scratch(ld * CROSS_ROWS + elk_product_scratch(CROSS_ROWS, positions)), *scratch = scores + ld * CROSS_ROWS;
    elk_product product = {
        .x = job->queries + (size_t)first * width + (size_t)head * HEAD,
        .ldx = width,
        .data = keys,
        .n = positions,
        .k = HEAD,
        .y = scores,
        .ldy = ld,
    };
    work->kernels->product_half(&product, 0, rows, 0, (positions + ELK_PANEL - 1) / ELK_PANEL, scratch);
    int slot = job->scores ? job->head_slots[head] : -1;
    for (int row = 0; row < rows; row++) {
        float *line = scores + (size_t)row * ld;
        if (slot >= 0) {
            float *copy = job->scores + ((size_t)slot * job->rows + first + row) * ld;
            for (int t = 0; t < positions; t++) copy[t] = line[t] * 0.125f;
        }
        // The scale is yet to come.
        if (job->log_counts)
            for (int t = 0; t < positions; t++) line[t] += job->log_counts[t] * 8;
        work->kernels->softmax(line, positions, 0.125f);
    }
    product = (elk_product){
        .x = scores,
        .ldx = ld,
        .data = values,
        .n = HEAD,
        .k = positions,
        .y = job->output + (size_t)first * width + (size_t)head * HEAD,
        .ldy = width,
    };
    work->kernels->product_half(&product, 0, rows, 0, HEAD / ELK_PANEL, scratch);
}

void elk_cross_attention(elk_pool *pool, const elk_cross_attention_job *jobs, int count, int heads) {
    cross_work work = {jobs, count, heads, elk_kernels_current()};
    int chunks = 0;
    for (int i = 0; i < count; i++) chunks += heads * cross_blocks(&jobs[i]);
    elk_pool_run(pool, chunks, cross_chunk, &work);
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
