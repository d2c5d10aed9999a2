#!/bin/sh
# Usage: Examples/curl/transcribe.sh FILE [FORMAT]      FORMAT: json, text, srt, vtt or verbose_json
# ELK_BASE_URL and ELK_API_KEY say where the server is and which key it wants.
set -eu
file=${1:?usage: transcribe.sh FILE [FORMAT]}

curl -sS --fail-with-body "${ELK_BASE_URL:-http://127.0.0.1:8484/v1}/audio/transcriptions" \
    -H "Authorization: Bearer ${ELK_API_KEY:-unused}" \
    -F model=whisper-1 \
    -F response_format="${2:-json}" \
    -F "file=@$file"
