# The commands of the project; CONTRIBUTING.md says what each is for.

GO ?= go
OUT ?= out/demo

.PHONY: build test vet unit golden demo bench fuzz thorough hostile rabbitmq scripts explored clean platforms test-386 image release-files $(FUZZ)

# Without debugging information: a first build compiles a fifth faster.
build:
	$(GO) build -trimpath -gcflags=all=-dwarf=false -ldflags='-s -w' -o bin/imcheck .

test: vet unit

vet:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# The race detector looks at what runs at once in one process. What is left out has
# no goroutines of its own, or starts processes; the whole catalogue against every
# fault, variant and lossy path takes minutes under it, and a fifth of that without. A search
# for the capacity of a server is a hundred loads.
#
# One processor for each test binary under it: timers of a synctest bubble that run
# on two at once corrupt the detector (go.dev/issue/78156). Three packages at once
# keep two processors busy, as many tests over sockets wait, those of the swarm longest;
# rare collections of garbage save a third of the time.
#
# Whole runs of the swarm in virtual time, those of SIMULATED, run without the detector, which
# makes them several times as long; make thorough has it look at them too. Others like them
# are left for it.
#
# The scripts of cli take longest and mostly wait: they begin first, ten of them at once.
# Of the pages in the browser one view is enough here; make thorough looks at all.
SIMULATED = TestSoakOfALeak|TestSoakKeepsItsMemory|TestStallStretchesNoSchedule|TestStallShowsSinceDue|TestStagesOfClients|TestStagesOfShards|TestStagesOfARate|TestNeeds|TestSavedReportIsJudgedAsTheRun|TestScenariosMeasureWhatTheySay|TestMergedShardsHoldThresholds|TestMergedShardsOfAStorm|TestShardsAreTheWholeRun|TestMixOfShards|TestMixShowsWhatDoesNotArrive|TestFanOutInStagesAndMixes|TestMergedShardsOfAnImpairedLoad|TestImpairedLoadBalances|TestImpairedLoadRepeats|TestImpairedLoadBlamesTheTarget|TestImpairedLatencies|TestImpairedSessions|TestImpairedScenarios
test unit: export GOGC = 400
unit:
	GOMAXPROCS=1 $(GO) test -race -p 3 -skip '^($(SIMULATED))$$' ./loadgen/swarm $$($(GO) list ./... | grep -vxF "$$($(GO) list . ./fixtures/... ./cli ./reports/... ./conformance/explore/... ./loadgen/capacity)")
	$(GO) test -run '^($(SIMULATED))$$' ./loadgen/swarm
	$(GO) test -p 3 -parallel 10 ./cli ./conformance/servercases ./conformance/clientcases ./conformance/explore/... ./loadgen/capacity . ./fixtures/... $$($(GO) list ./reports/... | grep -v /browser$$)
	$(GO) test -v -run '^(TestBrowser|TestPages)$$/^failing$$/^desktop$$' ./reports/browser
	$(GO) test -v -run '^TestConsole$$/^1200$$' ./reference-server/console/browser
	$(GO) test -v -run '^TestLive$$/^failing$$/^phone$$' ./reports/live/browser

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
	harness/transport/impair@FuzzParse harness/accounts@FuzzParse harness/metrics/export@FuzzStatusText \
	protocol/driverapi@FuzzEvents protocol/driverapi@FuzzCommands reference-server/gateway@FuzzGateway loadgen/plan@FuzzParseContent reports/verdict@FuzzParseThreshold loadgen/books@FuzzWindow loadgen/swarm@FuzzWheel \
	reports@FuzzRead reports@FuzzLogReader reports/page@FuzzTextHTML reports/diff@FuzzCompare

fuzz: $(FUZZ)
$(FUZZ):
	$(GO) test -run '^$$' -fuzz '^$(lastword $(subst @, ,$@))$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 100x ./$(firstword $(subst @, ,$@))

# What would take make test over its time: the whole catalogue against each fault, all
# combinations of variants, more lossy paths, every page in every view, and every target that does what no
# server should, on every transport and engine. make test has a part of each.
thorough: hostile rabbitmq scripts
	$(GO) test -count=1 -run '^(TestEveryFaultIsCaught|TestCombinedVariantsPass|TestPlantedFaultsPass|TestHealthyServerOverALossyPath)$$' ./conformance/servercases -thorough
	$(GO) test -count=1 -run '^TestEveryFaultIsCaught$$' ./conformance/clientcases -thorough
	$(GO) test -count=1 ./cli -thorough -run '^(TestExampleDrivers|TestKnownFailuresOfExampleDrivers|TestFollowedSenseModes)$$'
	$(GO) test -count=1 ./reports/browser ./reports/live/browser ./reference-server/console/browser
	$(GO) test -count=1 ./fixtures/webclient -thorough
	GOMAXPROCS=1 $(GO) test -count=1 -race -run '^($(SIMULATED))$$' ./loadgen/swarm
	$(GO) test -count=1 -run '^TestSoakKeepsItsMemory$$' ./loadgen/swarm -soak-days 7

# The bridge over a real RabbitMQ, where that is installed.
rabbitmq: export RABBITMQ = 1
rabbitmq:
	$(GO) test -count=1 ./harness/broker/... ./reference-server/reference -run 'RabbitMQ|Bridge|Broker'
	$(GO) test -count=1 ./cli -run 'RabbitMQ'

# The scripts that make test leaves out, as they take longest: those that say so.
SCRIPTS = $(basename $(notdir $(shell grep -l '^\[!thorough\]' cli/testdata/*.txtar)))
EMPTY =
scripts:
	$(GO) test -count=1 -timeout 20m -parallel 10 ./cli -thorough -run '^TestScripts$$/^($(subst $(EMPTY) $(EMPTY),|,$(SCRIPTS)))$$'

hostile:
	$(GO) test -count=1 -v -timeout 20m -parallel 4 -run '^TestHostileTarget' ./cli -hostile
	$(GO) test -count=1 -v -timeout 20m -run '^TestFloodsAreEnded' ./loadgen/swarm -hostile

# Explores every variant and every fault in virtual time with many more conversations and
# inputs than make test does; it takes some ten minutes.
explored:
	$(GO) test -count=1 -timeout 30m ./conformance/explore/... -thorough

# Where the program is built for. ARM without a version is ARMv7, as in .goreleaser.yaml.
PLATFORMS = linux/amd64 linux/arm64 linux/386 linux/arm darwin/amd64 darwin/arm64 windows/amd64

# Links the program for each platform, and compiles the tests for the one that differs most.
platforms:
	@for platform in $(PLATFORMS); do \
		echo "compiling for $$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -ldflags='-s -w' -o /dev/null . || exit 1; \
	done
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) vet ./...

# The tests of what depends on the size of a word or on system calls, as a program of 32
# bits, and scripts through that program. Not every kernel runs one.
test-386: export GOARCH = 386
test-386: export CGO_ENABLED = 0
test-386:
	@mkdir -p out
	$(GO) test -c -o out/probe-386 ./protocol/timing
	@if ! out/probe-386 -test.run '^$$' > /dev/null; then \
		echo "This machine runs no programs for 386: their tests are left out."; exit 0; fi; set -x; \
	$(GO) test -p 2 ./protocol/... ./harness/... ./loadgen/... ./reference-server/... && \
	$(GO) test -run '^TestScripts$$/^(conform|control|load|users)$$' ./cli

# The image of harness/deploy, which says the version of this commit.
IMAGE ?= imcheck
VERSION ?= $(shell git describe --tags --always --dirty)
image:
	docker build -f harness/deploy/Dockerfile --build-arg VERSION=$(VERSION) --build-arg REVISION=$(shell git rev-parse HEAD) -t $(IMAGE) .

# What goes into the archives of a release beside the program: completions and man pages.
# .goreleaser.yaml calls it.
RELEASE = out/release
release-files:
	rm -rf $(RELEASE)
	mkdir -p $(RELEASE)/completions $(RELEASE)/man
	$(GO) build -o $(RELEASE)/imcheck .
	$(RELEASE)/imcheck completion bash > $(RELEASE)/completions/imcheck.bash
	$(RELEASE)/imcheck completion zsh > $(RELEASE)/completions/_imcheck
	$(RELEASE)/imcheck completion fish > $(RELEASE)/completions/imcheck.fish
	$(RELEASE)/imcheck completion powershell > $(RELEASE)/completions/imcheck.ps1
	$(RELEASE)/imcheck help --man $(RELEASE)/man

clean:
	rm -rf bin out dist
