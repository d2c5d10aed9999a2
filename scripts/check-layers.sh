#!/usr/bin/env bash
# Keeps the walls between the targets (docs/architecture.md) with grep: who imports what, where SQL, Codable and print live.
#
#   scripts/check-layers.sh              check this checkout
#   scripts/check-layers.sh --self-test  plant one violation of each rule in a scratch tree; each must be found
set -euo pipefail
cd "$(dirname "$0")/.."

any_elk='Elk(Wire|Providers|Storage|Audio|Speech|Voice|Models|Gateway|Server|Dashboard)'
nio='_?NIO[A-Za-z0-9_]*'
found=0

report() {
    found=1
    printf '%s\n    %s\n' "$1" "${2//$'\n'/$'\n    '}"
}

# never_imports TARGET MODULES BECAUSE: no file of the target imports a module that the pattern matches whole.
never_imports() {
    local hits
    hits=$(imports "$1" "$2")
    [ -z "$hits" ] || report "$1 imports what it must not ($3):" "$hits"
}

# Import lines of a target, with any attribute and access level, whole modules as well as single declarations.
imports() {
    [ -d "$tree/Sources/$1" ] || return 0
    grep -rnE --include='*.swift' \
        "^[[:space:]]*((@[A-Za-z_]+(\([^)]*\))?|public|package|internal|fileprivate|private)[[:space:]]+)*import[[:space:]]+((struct|class|enum|protocol|actor|func|var|let|typealias)[[:space:]]+)?($2)(\.|[[:space:]]|\$)" \
        "$tree/Sources/$1" || true
}

# only_in WHERE PATTERN WHAT: Swift code outside the folders (a regex under Sources/) must not match; comments may.
only_in() {
    local hits
    hits=$(grep -rnE --include='*.swift' "$2" "$tree/Sources" |
        grep -vE "^[^:]*/Sources/($1)/" |
        grep -vE '^[^:]*:[0-9]+:[[:space:]]*//' || true)
    [ -z "$hits" ] || report "$3:" "$hits"
}

check_imports() {
    never_imports ElkWire "Foundation[A-Za-z]*|$any_elk" "it is on every byte's path"
    never_imports ElkProviders "AsyncHTTPClient|Hummingbird[A-Za-z0-9]*|NIOPosix|ElkStorage" "pure functions only"
    never_imports ElkStorage "ElkWire|ElkProviders|$nio|Hummingbird[A-Za-z0-9]*|AsyncHTTPClient|HTTPTypes" \
        "rows and money know no protocol"
    local library
    for library in ElkAudio ElkSpeech ElkVoice; do
        never_imports $library "$nio|Logging|Foundation|Hummingbird[A-Za-z0-9]*|AsyncHTTPClient|ElkServer|ElkWire|ElkGateway|ElkModels" \
            "a library of its own, without a server"
    done
    never_imports ElkModels "$any_elk|Hummingbird[A-Za-z0-9]*" "it fetches and keeps files, nothing else"
    never_imports ElkGateway "Hummingbird[A-Za-z0-9]*|ElkSpeech|ElkVoice|GRDB|CLibPQ" "testable without an edge, an engine or a model"
    never_imports ElkServer "GRDB|CLibPQ|AsyncHTTPClient|ElkSpeech|ElkVoice" "the edge translates HTTP and nothing else"
    never_imports elk "GRDB|CLibPQ|$nio|AsyncHTTPClient" "main wires; it does not work"
}

# A target's internals are open to the tests named after it alone; the executable's are ElkCommandTests.
check_testable() {
    local hits
    hits=$(grep -rnE --include='*.swift' '@testable[[:space:]]+import' "$tree/Sources" "$tree/Tests" | awk -F: '
        {
            module = $3
            sub(/.*import[ \t]+/, "", module)
            sub(/[^A-Za-z0-9_].*/, "", module)
            mirror = module == "elk" ? "ElkCommandTests" : module "Tests"
            if (index($1, "/Tests/" mirror "/") == 0) print
        }' || true)
    [ -z "$hits" ] || report "@testable import outside the module's own test target:" "$hits"
}

check_places() {
    only_in 'ElkServer/Admin|elk' \
        '(^|[^A-Za-z0-9_])(Codable|Encodable|Decodable|JSONEncoder|JSONDecoder)([^A-Za-z0-9_]|$)' \
        'Codable outside ElkServer/Admin and elk'
    only_in ElkStorage \
        '"[[:space:]]*(SELECT[[:space:]].*[[:space:]]FROM|INSERT[[:space:]]+INTO|UPDATE[[:space:]]+[a-z_]+[[:space:]]+SET|DELETE[[:space:]]+FROM|(CREATE|DROP|ALTER)[[:space:]]+TABLE)[[:space:]]' \
        'SQL outside ElkStorage'
    only_in elk '(^|[^A-Za-z0-9_.])(Swift\.)?(print|debugPrint|dump)\(' 'print outside elk'
}

check() {
    tree=$1
    found=0
    check_imports
    check_testable
    check_places
    return $found
}

# plant FILE LINE: a tree with this one line in this file must not pass.
plant() {
    local scratch
    scratch=$(mktemp -d)
    mkdir -p "$scratch/Sources" "$scratch/Tests" "$scratch/$(dirname "$1")"
    printf '%s\n' "$2" >"$scratch/$1"
    if (check "$scratch" >/dev/null); then
        printf 'Not found in %s: %s\n' "$1" "$2"
        missed=1
    fi
    rm -r "$scratch"
}

# A tree with this one line in this file must pass.
allow() {
    local scratch
    scratch=$(mktemp -d)
    mkdir -p "$scratch/Sources" "$scratch/Tests" "$scratch/$(dirname "$1")"
    printf '%s\n' "$2" >"$scratch/$1"
    if ! (check "$scratch" >/dev/null); then
        printf 'Refused without reason in %s: %s\n' "$1" "$2"
        missed=1
    fi
    rm -r "$scratch"
}

self_test() {
    missed=0
    plant Sources/ElkWire/A.swift 'import Foundation'
    plant Sources/ElkWire/A.swift 'internal import FoundationEssentials'
    plant Sources/ElkWire/A.swift 'import struct ElkAudio.DecodedAudio'
    plant Sources/ElkAudio/A.swift 'import Foundation'
    plant Sources/ElkAudio/A.swift '@preconcurrency import NIOCore'
    plant Sources/ElkSpeech/Text/A.swift '    package import Logging'
    plant Sources/ElkSpeech/A.swift 'import ElkServer // because'
    plant Sources/ElkModels/A.swift 'import ElkSpeech'
    plant Sources/ElkModels/A.swift 'import Hummingbird'
    plant Sources/ElkServer/A.swift 'import AsyncHTTPClient'
    plant Sources/ElkServer/A.swift 'import ElkSpeech'
    plant Sources/ElkServer/A.swift 'import ElkVoice'
    plant Sources/ElkVoice/A.swift 'import ElkServer'
    plant Sources/elk/A.swift 'import NIOFileSystem'
    plant Sources/ElkStorage/A.swift 'import HTTPTypes'
    plant Sources/ElkProviders/A.swift 'import NIOPosix'
    plant Sources/ElkGateway/A.swift 'import GRDB'
    plant Tests/ElkServerTests/A.swift '@testable import ElkWire'
    plant Tests/ElkAudioTests/A.swift '@testable import elk'
    plant Sources/ElkServer/A.swift 'struct A: Codable {}'
    plant Sources/ElkModels/A.swift 'let a = try JSONDecoder().decode(A.self, from: b)'
    plant Sources/ElkServer/A.swift 'let a = "SELECT id FROM keys"'
    plant Sources/ElkSpeech/A.swift 'print("here")'
    allow Sources/ElkWire/A.swift 'import NIOCore'
    allow Sources/ElkSpeech/A.swift 'import FoundationEssentials'
    allow Sources/elk/A.swift 'print("text")'
    allow Sources/elk/A.swift 'struct A: Decodable {}'
    allow Sources/ElkServer/Admin/A.swift 'struct A: Codable {}'
    allow Sources/ElkSpeech/A.swift '// Not Codable, and never print(it).'
    allow Sources/ElkSpeech/A.swift 'let same = fingerprint(a)'
    allow Tests/ElkCommandTests/A.swift '@testable import elk'
    return $missed
}

if [ "${1:-}" = --self-test ]; then
    self_test || exit 1
    printf 'The layer check finds every planted violation.\n'
    exit
fi
check . || exit 1
printf 'Layers: clean.\n'
