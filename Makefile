# The commands of the project; CONTRIBUTING.md says what each is for.

GO ?= go
OUT ?= out/demo

.PHONY: build test vet unit golden demo bench fuzz thorough hostile explored clean $(FUZZ)

# Without debugging information: a first build compiles a fifth faster.
build:
	$(GO) build -trimpath -gcflags=all=-dwarf=false -ldflags='-s -w' -o bin/imcheck .

test: vet unit

vet:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# The race detector looks at what runs at once in one process. What is left out has
# no goroutines of its own, or starts processes; the whole catalogue against every
# fault, variant and lossy path takes minutes under it, and a fifth of that without.
#
# One processor for each test binary under it: timers of a synctest bubble that run
# on two at once corrupt the detector (go.dev/issue/78156). Three packages at once
# keep two processors busy, as many tests over sockets wait, those of the swarm longest;
# rare collections of garbage save a third of the time.
#
# The scripts of cli take longest and mostly wait: they begin first, ten of them at once.
# Of the pages in the browser one view is enough here; make thorough looks at all.
test unit: export GOGC = 400
unit:
	GOMAXPROCS=1 $(GO) test -race -p 3 ./loadgen/swarm $$($(GO) list ./... | grep -vxF "$$($(GO) list . ./fixtures/... ./cli ./reports/... ./conformance/explore/...)")
	$(GO) test -p 3 -parallel 10 ./cli ./conformance/servercases ./conformance/explore/... . ./fixtures/... $$($(GO) list ./reports/... | grep -v /browser$$)
	$(GO) test -v -run '^(TestBrowser|TestPages)$$/^failing$$/^desktop$$' ./reports/browser

# Writes the golden files anew, for a look at what git says has changed.
golden:
	$(GO) test $(addprefix ./reports/,. annotations badge chart ctrf diff index junit markdown matrix page text) -update

# The main job on embedded defaults: check, load, render. On a busy machine the load
# says that it was the bottleneck (exit 4): then that is what there is to show.
demo: build
	bin/imcheck conform --sense-mode 3S --out $(OUT)
	bin/imcheck load --sense-mode 3S --clients 2000 --ramp 1s --warmup 500ms --duration 10s --rate 1000 --out $(OUT) || [ $$? -eq 4 ]
	bin/imcheck report html $(OUT)

bench:
	$(GO) test -run '^$$' -bench . -timeout 40m ./...

# Each fuzz target for a while: go test takes one at a time. Making inputs smaller
# is bounded, as it would take most of that while.
FUZZTIME ?= 30s
FUZZ = protocol/wire@FuzzDecode protocol/wire@FuzzEncode protocol/wire@FuzzSplitter \
	protocol/websocket@FuzzSplitter protocol/websocket@FuzzReader harness/transport@FuzzAnswerUpgrade \
	harness/transport/impair@FuzzParse harness/accounts@FuzzParse \
	reference-server/gateway@FuzzGateway loadgen/plan@FuzzParseContent reports/verdict@FuzzParseThreshold loadgen/books@FuzzWindow \
	reports@FuzzRead reports@FuzzLogReader reports/page@FuzzTextHTML reports/diff@FuzzCompare

fuzz: $(FUZZ)
$(FUZZ):
	$(GO) test -run '^$$' -fuzz '^$(lastword $(subst @, ,$@))$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 100x ./$(firstword $(subst @, ,$@))

# What would take make test over its time: the whole catalogue against each fault, all
# combinations of variants, more lossy paths, every page in every view, and every target that does what no
# server should, on every transport and engine. make test has a part of each.
thorough: hostile
	$(GO) test -count=1 -run '^(TestEveryFaultIsCaught|TestCombinedVariantsPass|TestPlantedFaultsPass|TestHealthyServerOverALossyPath)$$' ./conformance/servercases -thorough
	$(GO) test -count=1 ./reports/browser

hostile:
	$(GO) test -count=1 -v -timeout 20m -parallel 4 -run '^TestHostileTarget' ./cli -hostile
	$(GO) test -count=1 -v -timeout 20m -run '^TestFloodsAreEnded' ./loadgen/swarm -hostile

# Explores every variant and every fault in virtual time with many more conversations and
# inputs than make test does; it takes some ten minutes.
explored:
	$(GO) test -count=1 -timeout 30m ./conformance/explore/... -thorough

clean:
	rm -rf bin out
