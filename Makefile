# kaishu. `make demo` and `make test` need Go and make only.

GO      ?= go
CACHE   ?= .cache
PYTHON  ?= python3
VERSION ?= $(shell sed -n 's/^## \[\{0,1\}\([0-9][^] ]*\).*/\1/p' CHANGELOG.md | head -1)
LDFLAGS  = -s -w -X kaishu/pipeline.Version=$(VERSION)
# The standard library's vectors, an experiment of Go 1.26 on amd64. Without it, and with every other Go, the same bytes
# come from the loops beside them: files in _plain.go.
ifneq ($(findstring go1.26,$(shell $(GO) env GOVERSION)),)
export GOEXPERIMENT = simd
endif
# arrow's tag for encoding/json in place of a JSON library of its own, which nothing here calls:
# a fifth less to compile, 2 MB less binary
TAGS     = tinygo

.PHONY: all build test race bench bench-peers profile fuzz lint demo test-foreign test-levels clean

all: build

build: ## one static binary in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o bin/kaishu ./cmd/kaishu

demo: build ## a night on generated exports
	rm -rf demo
	bin/kaishu generate --customers 2000 --seed 1 -o demo
	bin/kaishu run -c demo/kaishu.yaml
	bin/kaishu verify -o demo/nights

test: ## all tests that need nothing but Go
	$(GO) test ./...

race: ## the same under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race ./...

bench: ## Go benchmarks, for benchstat
	$(GO) test -run '^$$' -bench . -benchmem -count $(or $(COUNT),1) ./...

ROWS   ?= 1000000 10000000
ROUNDS ?= 5
bench-peers: build ## kaishu, DuckDB and Polars in turn: ROWS=1000000 ROUNDS=5, or KAISHU_PEERS=folder of exports
	$(PYTHON) -m venv $(CACHE)/peers-venv
	$(CACHE)/peers-venv/bin/pip install -q --disable-pip-version-check -r fixtures/peers/requirements.txt
	$(GO) build -o $(CACHE)/peers-generate ./fixtures/peers
	$(CACHE)/peers-venv/bin/python fixtures/peers/bench.py --kaishu bin/kaishu --generator $(CACHE)/peers-generate --work $(PEERS) \
	  --rows $(ROWS) --rounds $(ROUNDS) $(if $(KAISHU_PEERS),--data $(KAISHU_PEERS))

PEERS   = $(CACHE)/peers
PROFILE = $(CACHE)/profile
profile: build ## cmd/kaishu/default.pgo anew: where nights on the exports of bench-peers, and on generated ones, spend their time
# Without preemption by signals, whose handler takes samples from the functions that it interrupts.
	rm -rf $(PROFILE)
	bin/kaishu generate --customers 20000 --seed 1 --format parquet -o $(PROFILE)/book
	set -e; for c in $(PROFILE)/book/kaishu $(PEERS)/csv-open $(PEERS)/csv-all $(PEERS)/parquet-open $(PEERS)/parquet-all; do for s in ledger all; do rm -rf $(PROFILE)/out; \
	  GODEBUG=asyncpreemptoff=1 bin/kaishu run -q -c $$c.yaml --as-of 2026-02-28 --stages $$s -o $(PROFILE)/out --cpuprofile $(PROFILE)/$$(basename $$c)-$$s.prof >/dev/null; done; done
	$(GO) tool pprof -proto $(PROFILE)/*.prof >cmd/kaishu/default.pgo

FUZZTIME ?= 30s
# Making what was found smaller is not counted, and by default takes a minute for each: of files, most of the time.
fuzz: ## every fuzz target for FUZZTIME
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$p || exit 1; \
	  done; done

lint: ## vet, staticcheck, formatting
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	@test -z "$$(gofmt -l cmd pipeline scoring fixtures)" || { gofmt -l cmd pipeline scoring fixtures; exit 1; }

test-foreign: build ## outputs read by DuckDB, Polars and pyarrow, and the ledger against SQL
	$(PYTHON) -m venv $(CACHE)/venv
	$(CACHE)/venv/bin/pip install -q --disable-pip-version-check -r fixtures/foreign/requirements.txt
	$(CACHE)/venv/bin/python fixtures/foreign/check.py --kaishu bin/kaishu --work $(CACHE)/foreign

test-levels: ## the same bytes with and without fused multiply-add (GOAMD64 v1 and v3)
	fixtures/levels.sh $(GO) $(CACHE)/levels

clean:
	rm -rf bin demo $(CACHE)
