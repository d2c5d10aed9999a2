#include "CESpeak.h"

#include <stdlib.h>
#include <string.h>

// The numbers of eSpeak NG's documentation.
enum { output_synchronous = 2, do_not_exit = 0x8000 };
enum { event_none = 0, event_word = 1, event_end = 5 };
enum { parameter_rate = 1, position_character = 1, text_utf8 = 1, phonemes_ipa = 2, buffer_milliseconds = 200 };

// What the library's callback writes to: there is one eSpeak in a process, and one call of it at a time.
static elk_espeak_sound *current;

static bool grow(void **memory, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity) return true;
    size_t wanted = *capacity ? *capacity * 2 : 4096;
    if (wanted < needed) wanted = needed;
    void *larger = realloc(*memory, wanted * size);
    if (!larger) return false;
    *memory = larger;
    *capacity = wanted;
    return true;
}

static void mark(elk_espeak_sound *sound, const elk_espeak_event *event) {
    void *memory = sound->marks;
    if (grow(&memory, &sound->mark_capacity, sound->mark_count + 1, sizeof *sound->marks)) {
        sound->marks = memory;
        sound->marks[sound->mark_count++] = (elk_espeak_mark){event->type == event_word, event->position - 1, event->milliseconds};
    } else {
        sound->failed = true;
    }
}

// Returns 1 to stop.
static int collect(int16_t *samples, int count, elk_espeak_event *events) {
    elk_espeak_sound *sound = current;
    if (!sound) return 1;
    for (; events && events->type != event_none; events++)
        if (events->type == event_word || events->type == event_end) mark(sound, events);
    if (samples && count > 0) {
        size_t more = (size_t)count < sound->limit - sound->count ? (size_t)count : sound->limit - sound->count;
        void *memory = sound->samples;
        if (grow(&memory, &sound->capacity, sound->count + more, sizeof *sound->samples)) {
            sound->samples = memory;
            memcpy(sound->samples + sound->count, samples, more * sizeof *samples);
            sound->count += more;
        } else {
            sound->failed = true;
        }
    }
    return sound->failed || sound->count >= sound->limit;
}

int elk_espeak_start(const elk_espeak *espeak) {
    int rate = espeak->espeak_Initialize(output_synchronous, buffer_milliseconds, NULL, do_not_exit);
    if (rate <= 0) return 0;
    espeak->espeak_SetSynthCallback(collect);
    return rate;
}

bool elk_espeak_choose(const elk_espeak *espeak, const char *identifier) { return espeak->espeak_SetVoiceByName(identifier) == 0; }

const char *elk_espeak_phonemes(const elk_espeak *espeak, const void **text) {
    return espeak->espeak_TextToPhonemes(text, text_utf8, phonemes_ipa);
}

bool elk_espeak_speak(const elk_espeak *espeak, const char *text, int rate, size_t limit, elk_espeak_sound *sound) {
    *sound = (elk_espeak_sound){.limit = limit};
    if (espeak->espeak_SetParameter(parameter_rate, rate, 0) != 0) return false;
    current = sound;
    int result = espeak->espeak_Synth(text, strlen(text) + 1, 0, position_character, 0, text_utf8, NULL, NULL);
    current = NULL;
    return result == 0 && !sound->failed;
}

void elk_espeak_release(elk_espeak_sound *sound) {
    free(sound->samples);
    free(sound->marks);
    *sound = (elk_espeak_sound){0};
}
