# Short names; the scripts are the truth and run without make.
.PHONY: run test fast format lint score memory build

run: ; scripts/run
test: ; scripts/test
fast: ; scripts/test --fast
build: ; swift build -c release --product elk
format: ; swift format --in-place --parallel --recursive Package.swift Sources Tests
lint: ; swift format lint --strict --parallel --recursive Package.swift Sources Tests
score: ; scripts/score
memory: ; scripts/memory
