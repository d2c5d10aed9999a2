// The decoder's attention, to its window and to its own text: how keys and values are packed, and how heads and queries are shared out.
#include "kernels.h"

#include <string.h>

// A head of a packed layer, of a window or a prompt: keys as the weights of a [positions × 64] product, then values as those of a [64 × positions] one.
//
// In int8 every key and every value has a step of its own. A key's is the scale of its output channel; a value's is an input's matter: the
// share of attention is multiplied with it. So the values' own scales are ones.
typedef struct {
    void *keys, *values;
    float *steps;
} packed_head;

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

static size_t head_bytes(elk_precision precision, int positions) {
    size_t bytes = elk_matrix_bytes(precision, positions, HEAD) + elk_matrix_bytes(precision, HEAD, positions);
    return precision == ELK_INT8 ? aligned(bytes + (size_t)positions * sizeof(float)) : bytes;
}

static packed_head head_of(elk_precision precision, void *packed, int positions, int head) {
    uint8_t *keys = (uint8_t *)packed + head_bytes(precision, positions) * (size_t)head;
    uint8_t *values = keys + elk_matrix_bytes(precision, positions, HEAD);
    return (packed_head){keys, values, precision == ELK_INT8 ? (float *)(values + elk_matrix_bytes(precision, HEAD, positions)) : NULL};
}

// Positions that are packed together: whole panels of keys, so that two threads never write to the same.
enum { CROSS_BLOCK = ELK_DOT_PANEL };

static int blocks_of(int positions) { return (positions + CROSS_BLOCK - 1) / CROSS_BLOCK; }

// Behind int8 heads: what the rounded values of each block add up to, [blocks][heads · 64].
static int32_t *block_sums(void *packed, int positions, int heads) {
    return (int32_t *)((uint8_t *)packed + head_bytes(ELK_INT8, positions) * (size_t)heads);
}

size_t elk_cross_bytes(elk_precision precision, int positions, int heads) {
    size_t bytes = head_bytes(precision, positions) * (size_t)heads;
    return precision == ELK_INT8 ? bytes + (size_t)blocks_of(positions) * (size_t)heads * HEAD * sizeof(int32_t) : bytes;
}

typedef struct {
    const elk_matrix *matrix;
    const float *bias, *states;
    int positions, heads;
    elk_precision precision;
    void *packed;
    const elk_kernels *kernels;
} project_work;

static void pack_half(const project_work *work, const packed_head *head, const float *key, const float *value, size_t ld, int first,
                      int rows) {
    float panel[HEAD * ELK_PANEL];
    uint16_t *keys = head->keys, *values = head->values;
    for (int t = 0; t < rows; t += ELK_PANEL) {
        for (int i = 0; i < ELK_PANEL; i++)
            for (int e = 0; e < HEAD; e++) panel[e * ELK_PANEL + i] = t + i < rows ? key[(size_t)(t + i) * ld + e] : 0.0f;
        work->kernels->to_half(panel, keys + (size_t)(first + t) * HEAD, HEAD * ELK_PANEL);
    }
    for (int half = 0; half < HEAD / ELK_PANEL; half++)
        for (int t = 0; t < rows; t++)
            work->kernels->to_half(value + (size_t)t * ld + half * ELK_PANEL,
                                   values + ((size_t)half * work->positions + first + t) * ELK_PANEL, ELK_PANEL);
}

// The bytes of four rows, four by four: byte i of each becomes what byte i of the next four is of.
static void interleave(const uint32_t *rows, uint32_t *groups) {
    for (int i = 0; i < HEAD / 4; i++) {
        uint32_t a = rows[i], b = rows[i + HEAD / 4], c = rows[i + HEAD / 2], d = rows[i + 3 * HEAD / 4];
        uint32_t even = (a & 0x00FF00FF) | (b & 0x00FF00FF) << 8, odd = (a >> 8 & 0x00FF00FF) | (b & 0xFF00FF00);
        uint32_t even_below = (c & 0x00FF00FF) | (d & 0x00FF00FF) << 8, odd_below = (c >> 8 & 0x00FF00FF) | (d & 0xFF00FF00);
        groups[4 * i] = (even & 0xFFFF) | even_below << 16;
        groups[4 * i + 1] = (odd & 0xFFFF) | odd_below << 16;
        groups[4 * i + 2] = even >> 16 | (even_below & 0xFFFF0000);
        groups[4 * i + 3] = odd >> 16 | (odd_below & 0xFFFF0000);
    }
}

// Rows [first, first + rows) of `positions`, up to a block of them; their values add up to sums [HEAD].
static void pack_int8(const elk_kernels *kernels, const packed_head *head, const float *key, const float *value, size_t ld,
                      int positions, int first, int rows, int32_t *sums) {
    _Alignas(64) int8_t rounded[CROSS_BLOCK * HEAD];
    float *scales = (float *)elk_int8_scales(head->keys, positions, HEAD) + first;
    int32_t *key_sums = (int32_t *)elk_int8_sums(head->keys, positions, HEAD) + first;
    memset(rounded, 0, sizeof rounded);
    kernels->round_rows(key, ld, rows, rounded, scales);
    kernels->pack_keys(rounded, (int32_t *)head->keys + (size_t)first * HEAD / 4, key_sums);
    for (int t = rows; t < CROSS_BLOCK; t++) scales[t] = 0;

    memset(rounded, 0, sizeof rounded);
    kernels->round_rows(value, ld, rows, rounded, head->steps + first);
    uint32_t *values = (uint32_t *)head->values + (size_t)first * HEAD / 4;
    for (int t = 0; t < rows; t += 4) interleave((const uint32_t *)(rounded + t * HEAD), values + t * HEAD / 4);
    kernels->sum_values(rounded, rows, sums);
}

static void project_chunk(void *context, int chunk) {
    const project_work *work = context;
    int first = chunk * CROSS_BLOCK, rows = work->positions - first < CROSS_BLOCK ? work->positions - first : CROSS_BLOCK;
    size_t width = (size_t)work->heads * HEAD, needed = (elk_product_scratch(CROSS_BLOCK, (int)width) + 15) / 16 * 16;
    float *scratch = elk_scratch(needed + (size_t)CROSS_BLOCK * 2 * width), *projected = scratch + needed;
    elk_product product = {
        .x = work->states + (size_t)first * width,
        .ldx = width,
        .data = work->matrix->data,
        .n = work->matrix->n,
        .k = (int)width,
        .bias = work->bias,
        .flags = ELK_MANY,
        .y = projected,
        .ldy = 2 * width,
    };
    elk_run_product(work->kernels, work->matrix->precision, &product, rows, scratch);
    for (int index = 0; index < work->heads; index++) {
        packed_head head = head_of(work->precision, work->packed, work->positions, index);
        const float *key = projected + (size_t)index * HEAD, *value = key + width;
        if (work->precision == ELK_INT8) {
            int32_t *sums = block_sums(work->packed, work->positions, work->heads) + (size_t)chunk * width + (size_t)index * HEAD;
            pack_int8(work->kernels, &head, key, value, 2 * width, work->positions, first, rows, sums);
        } else {
            pack_half(work, &head, key, value, 2 * width, first, rows);
        }
    }
}

void elk_cross_project(elk_pool *pool, const elk_matrix *matrix, const float *bias, const float *states, int positions, int heads,
                       elk_precision precision, void *packed) {
    project_work work = {matrix, bias, states, positions, heads, precision, packed, elk_kernels_current()};
    int blocks = blocks_of(positions);
    elk_pool_run(pool, blocks, project_chunk, &work);
    if (precision != ELK_INT8) return;
    for (int index = 0; index < heads; index++) {
        packed_head head = head_of(precision, packed, positions, index);
        float *scales = (float *)elk_int8_scales(head.values, HEAD, positions);
        int32_t *sums = (int32_t *)elk_int8_sums(head.values, HEAD, positions);
        for (int e = 0; e < HEAD; e++) scales[e] = 1, sums[e] = 0;
        for (int block = 0; block < blocks; block++) {
            const int32_t *some = block_sums(packed, positions, heads) + ((size_t)block * heads + index) * HEAD;
            for (int e = 0; e < HEAD; e++) sums[e] += some[e];
        }
    }
}

typedef struct {
    const elk_cross_attention_job *jobs;
    int count, heads;
    const elk_kernels *kernels;
} cross_work;

// Few enough that int8 products round queries and attention to 16 bits, whose kernels ask nothing of neighbouring weights (ELK_INT8_FOUR), and
// that their scores stay in a core's first-level cache.
enum { CROSS_ROWS = 6 };
_Static_assert(CROSS_ROWS <= ELK_FINE_ROWS, "keys and values need products that ask nothing of neighbouring weights");

static int cross_blocks(const elk_cross_attention_job *job) { return (job->rows + CROSS_ROWS - 1) / CROSS_ROWS; }

static void cross_chunk(void *context, int chunk) {
    const cross_work *work = context;
    const elk_cross_attention_job *job = work->jobs;
    while (chunk >= work->heads * cross_blocks(job)) chunk -= work->heads * cross_blocks(job++);
    int index = chunk / cross_blocks(job), first = chunk % cross_blocks(job) * CROSS_ROWS, positions = job->positions;
    int rows = job->rows - first < CROSS_ROWS ? job->rows - first : CROSS_ROWS;
    size_t width = (size_t)work->heads * HEAD, ld = (size_t)positions;
    packed_head head = head_of(job->precision, (void *)job->packed, positions, index);
    float *scores = elk_scratch(ld * CROSS_ROWS + elk_product_scratch(CROSS_ROWS, positions)), *scratch = scores + ld * CROSS_ROWS;
    elk_product product = {
        .x = job->queries + (size_t)first * width + (size_t)index * HEAD,
        .ldx = width,
        .data = head.keys,
        .n = positions,
        .k = HEAD,
        .y = scores,
        .ldy = ld,
    };
    elk_run_product(work->kernels, job->precision, &product, rows, scratch);
    int slot = job->scores ? job->head_slots[index] : -1;
    for (int row = 0; row < rows; row++) {
        float *line = scores + (size_t)row * ld;
        if (slot >= 0) {
            float *copy = job->scores + ((size_t)slot * job->rows + first + row) * ld;
            for (int t = 0; t < positions; t++) copy[t] = line[t] * 0.125f;
        }
        // The scale is yet to come.
        if (job->log_counts)
            for (int t = 0; t < positions; t++) line[t] += job->log_counts[t] * 8;
        work->kernels->softmax(line, positions, 0.125f, head.steps);
    }
    product = (elk_product){
        .x = scores,
        .ldx = ld,
        .data = head.values,
        .n = HEAD,
        .k = positions,
        .y = job->output + (size_t)first * width + (size_t)index * HEAD,
        .ldy = width,
    };
    elk_run_product(work->kernels, job->precision, &product, rows, scratch);
}

void elk_cross_attention(elk_pool *pool, const elk_cross_attention_job *jobs, int count, int heads) {
    cross_work work = {jobs, count, heads, elk_kernels_current()};
    int chunks = 0;
    for (int i = 0; i < count; i++) chunks += heads * cross_blocks(&jobs[i]);
    elk_pool_run(pool, chunks, cross_chunk, &work);
}

typedef struct {
    const float *keys, *values;
    size_t ld;
    int positions;
    void *packed;
    const elk_kernels *kernels;
} prompt_work;

static void prompt_chunk(void *context, int index) {
    const prompt_work *work = context;
    packed_head head = head_of(ELK_INT8, work->packed, work->positions, index);
    const float *key = work->keys + (size_t)index * HEAD, *value = work->values + (size_t)index * HEAD;
    float *scales = (float *)elk_int8_scales(head.values, HEAD, work->positions);
    int32_t *sums = (int32_t *)elk_int8_sums(head.values, HEAD, work->positions);
    for (int e = 0; e < HEAD; e++) scales[e] = 1, sums[e] = 0;
    for (int first = 0; first < work->positions; first += CROSS_BLOCK) {
        int rows = work->positions - first < CROSS_BLOCK ? work->positions - first : CROSS_BLOCK;
        int32_t block[HEAD];
        pack_int8(work->kernels, &head, key + (size_t)first * work->ld, value + (size_t)first * work->ld, work->ld, work->positions, first,
                  rows, block);
        for (int e = 0; e < HEAD; e++) sums[e] += block[e];
    }
}

size_t elk_prompt_bytes(int positions, int heads) { return head_bytes(ELK_INT8, positions) * (size_t)heads; }

void elk_prompt_pack(elk_pool *pool, const float *keys, const float *values, size_t ld, int positions, int heads, void *packed) {
    prompt_work work = {keys, values, ld, positions, packed, elk_kernels_current()};
    elk_pool_run(pool, heads, prompt_chunk, &work);
}

typedef struct {
    const elk_self_attention_job *jobs;
    const elk_kernels *kernels;
} self_work;

// What a row has of its own is looked at row by row; the rows of a beam have most of that in common, too: head by head it stays in a
// core's cache.
static int self_blocks(const elk_self_attention_job *job) { return (job->count + CROSS_ROWS - 1) / CROSS_ROWS; }

static void self_chunk(void *context, int chunk) {
    const self_work *work = context;
    const elk_self_attention_job *job = work->jobs;
    while (chunk >= job->heads * self_blocks(job)) chunk -= job->heads * self_blocks(job), job++;
    int index = chunk / self_blocks(job), first = chunk % self_blocks(job) * CROSS_ROWS, prompt = job->prompt_positions;
    int rows = job->count - first < CROSS_ROWS ? job->count - first : CROSS_ROWS;
    size_t width = (size_t)job->heads * HEAD, offset = (size_t)index * HEAD, ld = ((size_t)job->text_context + 15) / 16 * 16;
    float *scores = elk_scratch(ld * CROSS_ROWS + elk_product_scratch(CROSS_ROWS, prompt > HEAD ? prompt : HEAD));
    float *scratch = scores + ld * CROSS_ROWS;
    const float *queries = job->queries + (size_t)first * job->ldq + offset;
    float *output = job->output + (size_t)first * width + offset;
    packed_head head = {0};
    if (prompt > 0) {
        head = head_of(ELK_INT8, (void *)job->prompt, prompt, index);
        elk_product product = {.x = queries, .ldx = job->ldq, .data = head.keys, .n = prompt, .k = HEAD, .y = scores, .ldy = ld};
        elk_run_product(work->kernels, ELK_INT8, &product, rows, scratch);
    }
    for (int row = 0; row < rows; row++) {
        float *line = scores + (size_t)row * ld;
        int positions = job->positions[first + row] + 1;
        elk_cached own = {
            .keys = job->cache_keys + offset,
            .values = job->cache_values + offset,
            .stride = width,
            .slot_stride = width * (size_t)job->text_context,
            .slots = job->slot_table + (size_t)job->rows[first + row] * (size_t)job->text_context,
            .first = prompt,
            .positions = positions,
        };
        work->kernels->cached_scores(&own, queries + (size_t)row * job->ldq, line);
        work->kernels->softmax(line, positions, 0.125f, NULL);
        work->kernels->cached_mix(&own, line, output + (size_t)row * width);
        for (int t = 0; t < prompt; t++) line[t] *= head.steps[t];
    }
    if (prompt > 0) {
        elk_product product = {.x = scores, .ldx = ld, .data = head.values, .n = HEAD, .k = prompt, .flags = ELK_ACCUMULATE, .y = output, .ldy = width};
        elk_run_product(work->kernels, ELK_INT8, &product, rows, scratch);
    }
}

void elk_self_attention(elk_pool *pool, const elk_self_attention_job *jobs, int count) {
    self_work work = {jobs, elk_kernels_current()};
    int chunks = 0;
    for (int i = 0; i < count; i++) chunks += jobs[i].heads * self_blocks(&jobs[i]);
    elk_pool_run(pool, chunks, self_chunk, &work);
}
