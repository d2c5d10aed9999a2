#ifndef ELK_CESPEAK_H
#define ELK_CESPEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// eSpeak NG, which is used where somebody has installed it. It is under the GPL: nothing here is linked with it or taken from its
// headers; what its documentation says of the few functions that are used is declared below.

#pragma clang assume_nonnull begin

/// A voice as the library lists it.
typedef struct {
    const char *name;
    /// Pairs of a byte, which is lower the better the voice fits, and the code of a language; a zero byte ends them.
    const char *languages;
    /// What the voice can be chosen by.
    const char *identifier;
    unsigned char gender, age, variant, reserved;
    int score;
    void *_Nullable spare;
} elk_espeak_voice;

/// What happens at a place of the sound.
typedef struct {
    int type;
    unsigned number;
    /// Characters before it in the text, and one.
    int position;
    int length;
    /// From the start of the sound.
    int milliseconds;
    int sample;
    void *_Nullable user_data;
    union {
        int number;
        const char *_Nullable name;
        char string[8];
    } id;
} elk_espeak_event;

typedef int (*elk_espeak_callback)(int16_t *_Nullable samples, int count, elk_espeak_event *_Nullable events);

/// Every function that is used, as F(result, name, parameters).
#define ELK_ESPEAK_FUNCTIONS(F)                                                                                                          \
    F(int, espeak_Initialize, (int output, int milliseconds, const char *_Nullable folder, int options))                                 \
    F(const elk_espeak_voice *_Nullable const *_Nullable, espeak_ListVoices, (elk_espeak_voice *_Nullable like))                          \
    F(int, espeak_SetVoiceByName, (const char *name))                                                                                    \
    F(int, espeak_SetParameter, (int parameter, int value, int relative))                                                                \
    F(void, espeak_SetSynthCallback, (elk_espeak_callback callback))                                                                     \
    F(int, espeak_Synth,                                                                                                                 \
      (const void *text, size_t size, unsigned position, int kind, unsigned end, unsigned flags, unsigned *_Nullable number,             \
       void *_Nullable user_data))                                                                                                       \
    F(const char *_Nullable, espeak_TextToPhonemes, (const void *_Nullable *_Nonnull text, int coding, int mode))

/// The functions under their own names.
typedef struct {
#define ELK_ESPEAK_MEMBER(result, name, parameters) result (*_Nonnull name) parameters;
    ELK_ESPEAK_FUNCTIONS(ELK_ESPEAK_MEMBER)
#undef ELK_ESPEAK_MEMBER
} elk_espeak;

/// Loads the library and fills the table. It stays loaded. False when it, a library that it needs or a function is missing: then
/// `reason` says which, in the linker's words.
bool elk_espeak_load(const char *library, elk_espeak *table, char *reason, size_t capacity);
/// Readies the library to give sound to `elk_espeak_speak`. Its samples a second, 0 when its data are missing.
int elk_espeak_start(const elk_espeak *espeak);
/// Chooses the voice; false when there is none.
bool elk_espeak_choose(const elk_espeak *espeak, const char *identifier);
/// The sounds of the next clause in IPA, which last until the next call; `text` then points behind it, and is NULL after the last.
const char *_Nullable elk_espeak_phonemes(const elk_espeak *espeak, const void *_Nullable *_Nonnull text);

/// Where a word begins, or a clause ends.
typedef struct {
    bool is_word;
    /// Characters before it in the text.
    int position;
    int milliseconds;
} elk_espeak_mark;

/// What was said; `elk_espeak_release` frees it.
typedef struct {
    int16_t *_Nullable samples;
    size_t count;
    size_t capacity;
    elk_espeak_mark *_Nullable marks;
    size_t mark_count;
    size_t mark_capacity;
    size_t limit;
    bool failed;
} elk_espeak_sound;

/// Says a text in UTF-8 at so many words a minute, and no more than `limit` samples of it. False when the library or memory fails.
/// There is one eSpeak in a process: one call of anything here at a time.
bool elk_espeak_speak(const elk_espeak *espeak, const char *text, int rate, size_t limit, elk_espeak_sound *sound);
void elk_espeak_release(elk_espeak_sound *sound);

#pragma clang assume_nonnull end

#endif
