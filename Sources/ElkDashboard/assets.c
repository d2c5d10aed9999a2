#include "ElkDashboard.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// One line a file: F(identifier, name, type). The paths of #embed cannot come from a macro's text, so each is also below.
#define SCRIPT "text/javascript; charset=utf-8"
#define FILES(F)                                                                                                         \
    F(index_html, "index.html", "text/html; charset=utf-8")                                                              \
    F(app_css, "app.css", "text/css; charset=utf-8")                                                                     \
    F(icon_svg, "icon.svg", "image/svg+xml")                                                                             \
    F(app_js, "app.js", SCRIPT)                                                                                          \
    F(api_js, "api.js", SCRIPT)                                                                                          \
    F(events_js, "events.js", SCRIPT)                                                                                    \
    F(faults_js, "faults.js", SCRIPT)                                                                                    \
    F(key_js, "key.js", SCRIPT)                                                                                          \
    F(choices_js, "choices.js", SCRIPT)                                                                                  \
    F(recorder_js, "recorder.js", SCRIPT)                                                                                \
    F(waveform_js, "waveform.js", SCRIPT)                                                                                \
    F(player_js, "player.js", SCRIPT)                                                                                    \
    F(transcript_js, "transcript.js", SCRIPT)                                                                            \
    F(downloads_js, "downloads.js", SCRIPT)                                                                              \
    F(text_js, "text.js", SCRIPT)

static const unsigned char index_html[] = {
#embed "web/index.html"
};
static const unsigned char app_css[] = {
#embed "web/app.css"
};
static const unsigned char icon_svg[] = {
#embed "web/icon.svg"
};
static const unsigned char app_js[] = {
#embed "web/app.js"
};
static const unsigned char api_js[] = {
#embed "web/api.js"
};
static const unsigned char events_js[] = {
#embed "web/events.js"
};
static const unsigned char faults_js[] = {
#embed "web/faults.js"
};
static const unsigned char key_js[] = {
#embed "web/key.js"
};
static const unsigned char choices_js[] = {
#embed "web/choices.js"
};
static const unsigned char recorder_js[] = {
#embed "web/recorder.js"
};
static const unsigned char waveform_js[] = {
#embed "web/waveform.js"
};
static const unsigned char player_js[] = {
#embed "web/player.js"
};
static const unsigned char transcript_js[] = {
#embed "web/transcript.js"
};
static const unsigned char downloads_js[] = {
#embed "web/downloads.js"
};
static const unsigned char text_js[] = {
#embed "web/text.js"
};

#define ENTRY(identifier, file, kind) {.name = file, .type = kind, .content = identifier, .size = sizeof identifier},
static const ElkDashboardFile files[] = {FILES(ENTRY)};

size_t elk_dashboard_file_count(void) { return sizeof files / sizeof files[0]; }

ElkDashboardFile elk_dashboard_file(size_t index) { return files[index]; }
