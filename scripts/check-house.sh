#!/usr/bin/env bash
# House rules that a line count or a grep can keep, over the files git tracks or would add.
#
#   scripts/check-house.sh              check this checkout
#   scripts/check-house.sh --self-test  plant one violation of each rule in a scratch repository; each must be found
set -euo pipefail
cd "$(dirname "$0")/.."

found=0

report() {
    found=1
    printf '%s\n    %s\n' "$1" "${2//$'\n'/$'\n    '}"
}

files() { git ls-files --cached --others --exclude-standard -- "$@"; }

# Lines that match, in text files of the project; `git grep` leaves binaries alone.
matches() {
    local pattern=$1
    shift
    git grep --untracked -nIE "$pattern" -- "$@" || true
}

complain_if() {
    [ -z "$2" ] || report "$1:" "$2"
}

check() {
    cd "$1"
    found=0
    complain_if 'Files over 600 lines' "$(files '*.swift' '*.c' '*.h' '*.py' 'scripts/*' |
        while read -r file; do
            [ -f "$file" ] || continue
            lines=$(wc -l <"$file")
            [ "$lines" -le 600 ] || printf '%s (%d)\n' "$file" "$lines"
        done)"
    complain_if 'Drawers: name the file for the thing in it' \
        "$(files | grep -E '(^|/)(Utils?|Utilities|Helpers?|Common|Misc|Extensions|Managers?)(/|\.[a-z]+$)' || true)"
    complain_if 'Paths of one machine' \
        "$(matches '(^|[^A-Za-z0-9_.$}/-])/(work|root|farm|Users|home/[a-z]+)/' . ':!scripts/check-house.sh')"
    complain_if 'Addresses of a package registry: use its ordinary client' \
        "$(matches 'p[y]pi\.org|pytho[n]hosted|regis[t]ry\.npmjs|deb\.debi[a]n|archive\.ubunt[u]|--(extra-)?index-u[r]l' .)"
    complain_if 'Unfinished work' \
        "$(matches 'fatalError\("?(TODO|not impl|unimpl)|not implemented yet|(TODO|FIXME|XXX)([^A-Za-z]|$)' Sources Tests)"
    complain_if 'Tests that are switched off or cannot fail' \
        "$(matches '#expect\(true\)|\.disabled\(|XCTSkip|pytest\.mark\.skip([^i]|$)' Tests)"
    complain_if 'Package.resolved is tracked; versions are pinned in Package.swift' "$(git ls-files '*Package.resolved')"
    complain_if 'Tracked build folders' "$(git ls-files | grep -E '(^|/)(\.build[^/]*|\.venv|\.cache)/' || true)"
    complain_if 'Files over 2 MiB' \
        "$(files | tr '\n' '\0' | xargs -0 -r stat --printf '%s %n\n' 2>/dev/null | awk '$1 > 2097152')"
    return $found
}

# plant FILE LINE [COUNT]: a repository with this file, the line repeated COUNT times, must not pass.
plant() {
    local scratch
    scratch=$(mktemp -d)
    git -C "$scratch" init -q
    mkdir -p "$scratch/Sources" "$scratch/Tests" "$scratch/$(dirname "$1")"
    # `yes` ends by a closed pipe.
    (yes "$2" || true) | head -n "${3:-1}" >"$scratch/$1"
    git -C "$scratch" add -f "$1"
    if (check "$scratch" >/dev/null); then
        printf 'Not found in %s: %s\n' "$1" "$2"
        missed=1
    fi
    rm -rf "$scratch"
}

self_test() {
    local slash=/
    missed=0
    plant Sources/ElkWire/Long.swift 'let a = 1' 601
    plant Sources/ElkWire/Utils.swift 'let a = 1'
    plant Sources/ElkWire/Extensions/Int.swift 'let a = 1'
    plant docs/a.md "see ${slash}work/main/a"
    plant scripts/a "pip install --index-""url x"
    plant Sources/ElkWire/A.swift '// TO''DO: later'
    plant Tests/ElkWireTests/A.swift '@Test(.disabled())'
    plant Package.resolved '{}'
    plant .build-x/a 'x'
    plant docs/big.txt 'a line of a file that is far too large to be tracked by git' 40000
    return $missed
}

if [ "${1:-}" = --self-test ]; then
    self_test || exit 1
    printf 'The house check finds every planted violation.\n'
    exit
fi
(check .) || exit 1
printf 'House rules: clean.\n'
