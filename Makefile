# Few verbs, each one line of what it does. `make run` and `make test` are all a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := build
RELEASE := .build/static/release/redstart
STATIC := -c release --static-swift-stdlib -Xswiftc -static-executable --scratch-path .build/static

.PHONY: build run test models lint format release conformance bench ci

build: ## a debug build of everything
	swift build

run: ## a server on port 6379
	swift run -c release redstart

test: ## the whole test suite
	swift test

models: ## the structures beside naive models, optimized: a million random operations each
	REDSTART_MODELS=1 REDSTART_OPERATIONS=1000000 swift test -c release -Xswiftc -enable-testing --scratch-path .build/models

lint: ## style, as `make format` would leave it
	swift format lint --strict --recursive Package.swift Sources Tests conformance

format: ## puts the sources into the project's style
	swift format --in-place --recursive Package.swift Sources Tests conformance

release: ## one binary without dependencies: .build/static/release/redstart; beside it our Lua alone, for comparisons
	swift build $(STATIC) --product redstart
	swift build $(STATIC) --product lua-script

conformance: release ## the same scripts as a real server answered, and real clients' sessions
	conformance/run $(RELEASE)

bench: release ## side by side with redis-server; writes bench/RESULTS.md and bench/results.svg
	python3 bench/bench.py --ours $(RELEASE)

ci: ## what CI runs
	.ci/run
