package cli

import (
	"path/filepath"
	"testing"

	"imcheck/reports"
	"imcheck/reports/folder"

	"github.com/spf13/pflag"
)

// nobody is an address where nothing listens, so that a run ends at once.
const nobody = "--tcp 127.0.0.1:1"

// flagEffects has an entry for every flag of every verb: a flag that is new needs
// one that shows that it counts.
var flagEffects = map[string]map[string]effect{
	"help": {"man": {invoked("help"), "", "--man $OUT", "written: imcheck-report-diff.1"}},
	"serve": {
		"udp":                        {invoked("serve"), "--tcp 127.0.0.1:0", "--udp 127.0.0.1:0", `"udp":"127.0.0.1:`},
		"tcp":                        {invoked("serve"), "--udp 127.0.0.1:0", "--tcp 127.0.0.1:0", `"tcp":"127.0.0.1:`},
		"ws":                         {invoked("serve"), "--udp 127.0.0.1:0", "--ws 127.0.0.1:0", `"ws":"127.0.0.1:`},
		"control":                    {invoked("serve"), "--udp 127.0.0.1:0", "--control 127.0.0.1:0", `"control":"127.0.0.1:`},
		"sense-mode":                 {invoked("serve"), "--tcp 127.0.0.1:0", "--sense-mode 60S", `"tcp":"60S"`},
		"largest-message":            {plannedServer, nobody, "--largest-message tcp=61440", "61440"},
		"tls-cert":                   {plannedServer, nobody, "--tls-cert $CERT --tls-key $KEY", "TLS true"},
		"tls-key":                    {plannedServer, nobody, "--tls-key $KEY", "--tls-cert and --tls-key go together"},
		"users":                      {plannedServer, nobody, "--users $USERS", "103 users"},
		"bridge-amqp":                {plannedServer, nobody, "--bridge-amqp amqp://u:p@127.0.0.1:4711/v", "amqp://127.0.0.1:4711/v"},
		"bridge-publish":             {plannedServer, nobody + " --bridge-amqp amqp://127.0.0.1", "--bridge-publish q4711", "q4711"},
		"bridge-consume":             {plannedServer, nobody + " --bridge-amqp amqp://127.0.0.1", "--bridge-consume q4711", "q4711"},
		"log-format":                 {invoked("serve"), "--udp 127.0.0.1:0 --log-level info", "--log-format json", `"msg":"stopped"`},
		"log-level":                  {invoked("serve"), "--udp 127.0.0.1:0", "--log-level info", "msg=stopped"},
		"log-content":                {plannedServer, nobody + " --log-level debug", "--log-content", "with content true"},
		"pprof":                      {plannedServer, nobody + " --control 127.0.0.1:0", "--pprof", "profile true"},
		"config":                     {invoked("serve"), "--udp 127.0.0.1:0", "--config $SERVE", `"udp":"60S"`},
		"example-config":             {invoked("serve"), nobody, "--example-config", "leave the other flags out"},
		"stamp":                      {plannedServer, nobody, "--stamp", "stamp true"},
		"as-observed":                {plannedServer, nobody, "--as-observed", "as observed true"},
		"max-unlogged":               {plannedServer, nobody, "--max-unlogged 4711", "4711"},
		"max-unlogged-per-address":   {plannedServer, nobody, "--max-unlogged-per-address 4711", "4711"},
		"max-connections-per-second": {plannedServer, nobody, "--max-connections-per-second 4711", "4711"},
		"max-logins-per-second":      {plannedServer, nobody, "--max-logins-per-second 4711", "4711"},
		"max-messages-per-second":    {plannedServer, nobody, "--max-messages-per-second 4711", "4711 messages a second"},
		"max-udp-sessions":           {plannedServer, "--udp 127.0.0.1:1", "--max-udp-sessions 4711", "4711"},
		"max-udp-sessions-in-all":    {plannedServer, "--udp 127.0.0.1:1", "--max-udp-sessions-in-all 4711", "4711"},
		"fault":                      {plannedServer, nobody, "--fault heartbeat-answer-missing", "heartbeat-answer-missing"},
		"list-faults":                {invoked("serve"), nobody, "--list-faults", "heartbeat-answer-missing"},
		"variant":                    {plannedServer, nobody, "--variant datagrams-lost", "datagrams-lost"},
		"list-variants":              {invoked("serve"), nobody, "--list-variants", "datagrams-lost"},
		"variant-seed":               {invoked("serve"), "--udp 127.0.0.1:0 --variant datagrams-lost", "--variant-seed 47110815", `"variantSeed":47110815`},
	},
	"conform": {
		"role":              {invoked("conform"), "--list", "--role client", "client-kicked"},
		"exec":              {invoked("conform"), "--role client", "--exec ./no-such-client", "no-such-client"},
		"listen-http":       {invoked("conform"), "--role client", "--listen-http 4711", "4711"},
		"udp":               {planned, nobody, "--udp 127.0.0.1:4711", "127.0.0.1:4711"},
		"tcp":               {planned, "--udp 127.0.0.1:1", "--tcp 127.0.0.1:4711", "127.0.0.1:4711"},
		"ws":                {planned, nobody, "--ws 127.0.0.1:4711", "127.0.0.1:4711"},
		"control":           {planned, nobody, "--control 127.0.0.1:4711", "control 127.0.0.1:4711"},
		"profile":           {planned, "", "--profile $PROFILE", `name "a name"`},
		"protocol":          {planned, nobody, "--protocol 6.4", "skipped kick/equal-login [tcp]"},
		"sense-mode":        {planned, nobody, "--sense-mode 60S", "tcp in 60S"},
		"tls":               {planned, nobody, "--tls", "TLS with"},
		"largest-message":   {planned, nobody, "--largest-message tcp=61440", "at most 61440 bytes"},
		"tls-ca":            {planned, nobody, "--tls-ca $CERT", "own roots true"},
		"tls-server-name":   {planned, nobody, "--tls-server-name im.example", `TLS with "im.example"`},
		"tls-cert":          {planned, nobody, "--tls-cert $CERT --tls-key $KEY", "own certificate true"},
		"tls-key":           {planned, nobody, "--tls-key $KEY", "--tls-cert and --tls-key go together"},
		"tls-insecure":      {planned, nobody, "--tls-insecure", "unchecked true"},
		"ws-header":         {planned, "--ws 127.0.0.1:1", "--ws-header Origin:http://im.example", "Header:[{Name:Origin Value:http://im.example}]"},
		"ws-subprotocol":    {planned, "--ws 127.0.0.1:1", "--ws-subprotocol chat", "Subprotocol:chat"},
		"ws-compression":    {planned, "--ws 127.0.0.1:1", "--ws-compression", "Compression:true"},
		"users":             {planned, nobody, "--users $USERS", `third is {"u4711" "t3" ""}`},
		"bridge-amqp":       {planned, nobody, "--bridge-amqp amqp://u:p@127.0.0.1:4711", "bridge amqp://127.0.0.1:4711"},
		"tolerance":         {planned, nobody, "--tolerance 4711ms", "tolerance 4.711s"},
		"filter":            {planned, nobody, "--filter heartbeat", "!selected login/accepted"},
		"case":              {planned, nobody, "--case heartbeat/expiry", "!selected login/accepted"},
		"skip":              {planned, nobody, "--skip login/accepted", "skipped login/accepted"},
		"long":              {planned, nobody, "--long", "!skipped"},
		"replay":            {planned, "--udp 127.0.0.1:1", "--replay $CONVERSATION", "selected explore/"},
		"ui":                {invoked("conform"), nobody, "--ui 127.0.0.1:0", "--ui: it follows the expiries of --sense-modes"},
		"sense-modes":       {planned, "", "--sense-modes 60S", "started in 60S"},
		"example-profile":   {invoked("conform"), "--list", "--example-profile", "leave the other flags out"},
		"list":              {invoked("conform"), nobody + " --case login/accepted", "--list", "§3 Login"},
		"seed":              {planned, nobody, "--seed 47110815", "seed 47110815"},
		"parallel":          {planned, nobody, "--parallel 4711", "parallel 4711"},
		"repeat":            {planned, nobody, "--repeat 4711", "repeat 4711"},
		"expected-failures": {planned, nobody, "--expected-failures $EXPECTED", "Reason:known"},
		"strict":            {planned, nobody, "--strict", "strict true"},
		"impair":            {planned, nobody, "--impair delay=50ms", "impairment &{"},
		"under-load":        {planned, nobody, "--under-load churn", "scenario:churn"},
		"load-rates":        {planned, nobody + " --under-load steady", "--load-rates 4711", "4711"},
		"load-clients":      {planned, nobody + " --under-load steady", "--load-clients 4711", "4711"},
		"load-transport":    {planned, "--udp 127.0.0.1:1 --tcp 127.0.0.1:1 --under-load steady", "--load-transport tcp", "transports:[tcp]"},
		"out":               {invoked("conform"), nobody + " --case login/accepted", "--out $OUT", "written: junit.xml"},
		"json":              {invoked("conform"), nobody + " --case login/accepted", "--json", `"schema": 1`},
		"verbose":           {printedConformance, "", "--verbose", "line 11"},
	},
	"explore": {
		"udp":             {plannedExplore, nobody, "--udp 127.0.0.1:4711", "127.0.0.1:4711"},
		"tcp":             {plannedExplore, "--udp 127.0.0.1:1", "--tcp 127.0.0.1:4711", "127.0.0.1:4711"},
		"ws":              {plannedExplore, nobody, "--ws 127.0.0.1:4711", "127.0.0.1:4711"},
		"control":         {plannedExplore, nobody, "--control 127.0.0.1:4711", "control 127.0.0.1:4711"},
		"profile":         {plannedExplore, "", "--profile $PROFILE", `name "a name"`},
		"sense-mode":      {plannedExplore, nobody, "--sense-mode 60S", "tcp in 60S"},
		"tls":             {plannedExplore, nobody, "--tls", "TLS with"},
		"largest-message": {plannedExplore, nobody, "--largest-message tcp=61440", "at most 61440 bytes"},
		"tls-ca":          {plannedExplore, nobody, "--tls-ca $CERT", "own roots true"},
		"tls-server-name": {plannedExplore, nobody, "--tls-server-name im.example", `TLS with "im.example"`},
		"tls-cert":        {plannedExplore, nobody, "--tls-cert $CERT --tls-key $KEY", "own certificate true"},
		"tls-key":         {plannedExplore, nobody, "--tls-key $KEY", "--tls-cert and --tls-key go together"},
		"tls-insecure":    {plannedExplore, nobody, "--tls-insecure", "unchecked true"},
		"ws-header":       {plannedExplore, "--ws 127.0.0.1:1", "--ws-header Origin:http://im.example", "Header:[{Name:Origin Value:http://im.example}]"},
		"ws-subprotocol":  {plannedExplore, "--ws 127.0.0.1:1", "--ws-subprotocol chat", "Subprotocol:chat"},
		"ws-compression":  {plannedExplore, "--ws 127.0.0.1:1", "--ws-compression", "Compression:true"},
		"tolerance":       {plannedExplore, nobody, "--tolerance 4711ms", "tolerance 4.711s"},
		"seed":            {plannedExplore, nobody, "--seed 4711", "Seed:4711"},
		"steps":           {plannedExplore, nobody, "--steps 4711", "Steps:4711"},
		"length":          {plannedExplore, nobody, "--length 471", "Length:471"},
		"parallel":        {plannedExplore, nobody, "--parallel 4711", "Parallel:4711"},
		"duration":        {plannedExplore, nobody, "--duration 4711ms", "Duration:4.711s"},
		"quiet":           {plannedExplore, nobody, "--quiet 471ms", "Quiet:471ms"},
		"patience":        {plannedExplore, nobody, "--patience 4711ms", "Patience:4.711s"},
		"weights":         {plannedExplore, nobody, "--weights $WEIGHTS", "{what:kick weight:471}"},
		"filter":          {plannedExplore, nobody, "--filter c2c", "{what:kick weight:0}"},
		"replay":          {plannedExplore, nobody, "--replay $CONVERSATION", "Replay:[open udp"},
		"example-weights": {invoked("explore"), nobody, "--example-weights", "leave the other flags out"},
		"out":             {invoked("explore"), nobody, "--out $OUT", "written: junit.xml"},
		"json":            {invoked("explore"), nobody, "--json", `"schema": 1`},

		"bytes":          {plannedExplore, nobody, "--bytes", "{on:true"},
		"target-pid":     {plannedExplore, nobody + " --bytes", "--target-pid $PID", "!pid:0"},
		"target-metrics": {plannedExplore, nobody + " --bytes", "--target-metrics http://127.0.0.1:4711/metrics", "4711"},
		"max-growth":     {plannedExplore, nobody + " --bytes", "--max-growth 4711", "maxGrowth:4711"},
	},
	"load": {
		"udp":                 {plannedLoad, nobody, "--udp 127.0.0.1:4711", "127.0.0.1:4711"},
		"tcp":                 {plannedLoad, "--udp 127.0.0.1:1", "--tcp 127.0.0.1:4711", "127.0.0.1:4711"},
		"ws":                  {plannedLoad, nobody, "--ws 127.0.0.1:4711", "127.0.0.1:4711"},
		"control":             {plannedLoad, nobody, "--control 127.0.0.1:4711", "control 127.0.0.1:4711"},
		"profile":             {plannedLoad, nobody, "--profile $PROFILE", `name "a name"`},
		"sense-mode":          {plannedLoad, nobody, "--sense-mode 60S", "tcp in 60S"},
		"tls":                 {plannedLoad, nobody, "--tls", "TLS with"},
		"largest-message":     {plannedLoad, nobody, "--largest-message tcp=61440", "at most 61440 bytes"},
		"until-input-ends":    {plannedLoad, nobody, "--until-input-ends", "until stdin ends: true"},
		"tls-ca":              {plannedLoad, nobody, "--tls-ca $CERT", "own roots true"},
		"tls-server-name":     {plannedLoad, nobody, "--tls-server-name im.example", `TLS with "im.example"`},
		"tls-cert":            {plannedLoad, nobody, "--tls-cert $CERT --tls-key $KEY", "own certificate true"},
		"tls-key":             {plannedLoad, nobody, "--tls-key $KEY", "--tls-cert and --tls-key go together"},
		"tls-insecure":        {plannedLoad, nobody, "--tls-insecure", "unchecked true"},
		"ws-header":           {plannedLoad, "--ws 127.0.0.1:1", "--ws-header Origin:http://im.example", "Header:[{Name:Origin Value:http://im.example}]"},
		"ws-subprotocol":      {plannedLoad, "--ws 127.0.0.1:1", "--ws-subprotocol chat", "Subprotocol:chat"},
		"ws-compression":      {plannedLoad, "--ws 127.0.0.1:1", "--ws-compression", "Compression:true"},
		"users":               {plannedLoad, nobody, "--users $USERS", `third is {"u4711" "t3" ""}`},
		"transport":           {plannedLoad, nobody + " --ws 127.0.0.1:1", "--transport ws", "Transports:[ws]"},
		"example-scenario":    {invoked("load"), nobody, "--example-scenario", "leave the other flags out"},
		"scenario":            {plannedLoad, nobody, "--scenario echo", "Scenario:echo"},
		"clients":             {plannedLoad, nobody, "--clients 4711", "Clients:4711"},
		"ramp":                {plannedLoad, nobody, "--ramp 4711ms", "Ramp:4.711s"},
		"warmup":              {plannedLoad, nobody, "--warmup 4711ms", "Warmup:4.711s"},
		"duration":            {plannedLoad, nobody, "--duration 4711ms", "Duration:4.711s"},
		"find":                {invoked("load"), nobody + " --scenario storm", "--find clients", "--find: a storm is one event"},
		"find-from":           {invoked("load"), nobody + " --find clients", "--find-from 4711.5", "--find-from: 4711.5 clients cannot be had"},
		"find-to":             {invoked("load"), nobody + " --find rate", "--find-to 4711", "to 4,711"},
		"find-within":         {invoked("load"), nobody + " --find rate", "--find-within 7%", "within 7%"},
		"find-recovery":       {invoked("load"), nobody + " --find rate", "--find-recovery 2h", "--find-recovery: 2h0m0s is out of range"},
		"ramp-down":           {plannedLoad, nobody, "--ramp-down 4711ms", "RampDown:4.711s"},
		"rate":                {plannedLoad, nobody, "--rate 4711", "Rate:4711"},
		"payload":             {plannedLoad, nobody, "--payload 1234", "Payload:1234"},
		"impair":              {plannedLoad, nobody, "--impair delay=50ms", "Impair:[delay=50ms]"},
		"in-flight":           {plannedLoad, nobody, "--in-flight 4711", "InFlight:4711"},
		"seed":                {plannedLoad, nobody, "--seed 4711", "Seed:4711"},
		"threshold":           {plannedLoad, nobody, "--threshold login.p99<4711s", "login.p99<4711s"},
		"source-ip":           {plannedLoad, nobody, "--source-ip 127.0.0.1", "Sources:[127.0.0.1]"},
		"shard":               {plannedLoad, nobody + " --start-at $START", "--shard 2/4", "Shard:{Index:2 Of:4}"},
		"shard-base":          {plannedLoad, nobody + " --start-at $START --shard 2/4", "--shard-base 0", "Shard:{Index:3 Of:4}"},
		"start-at":            {plannedLoad, nobody, "--start-at $START", "!Start:0001-01-01"},
		"out":                 {invoked("load"), nobody, "--out $OUT", "written: load.json"},
		"checkpoint":          {invoked("load"), nobody, "--checkpoint 9s", "--checkpoint: 9s is out of range"},
		"metrics":             {invoked("load"), nobody, "--metrics 127.0.0.1:0", "metrics: http://127.0.0.1:"},
		"ui":                  {invoked("load"), nobody, "--ui 127.0.0.1:0", "ui: http://127.0.0.1:"},
		"target-pid":          {invoked("load"), nobody, "--target-pid -4711", "--target-pid -4711: it has to be the number of a process"},
		"target-metrics":      {invoked("load"), nobody, "--target-metrics ftp://4711", "write it as http://host:port/metrics"},
		"metrics-linger":      {invoked("load"), nobody + " --metrics 127.0.0.1:0", "--metrics-linger 2h", "--metrics-linger: 2h0m0s is out of range"},
		"otlp":                {plannedLoad, nobody, "--otlp http://127.0.0.1:4711", "exports: OTLP to http://127.0.0.1:4711/v1/metrics every 5s"},
		"otlp-header":         {plannedLoad, nobody + " --otlp http://127.0.0.1:4711", "--otlp-header Content-Type:text/plain", "--otlp-header: Content-Type belongs to"},
		"remote-write":        {plannedLoad, nobody, "--remote-write http://127.0.0.1:4711/w", "exports: remote write to http://127.0.0.1:4711/w every 5s"},
		"remote-write-header": {plannedLoad, nobody + " --remote-write http://127.0.0.1:1/w", "--remote-write-header nothing", "--remote-write-header: there is no colon in it"},
		"export-histograms":   {plannedLoad, nobody + " --otlp http://127.0.0.1:1", "--export-histograms 4711", `--export-histograms: "4711" is unknown`},
		"export-interval":     {plannedLoad, nobody + " --otlp http://127.0.0.1:1", "--export-interval 47s", "every 47s"},
		"export-label":        {plannedLoad, nobody + " --otlp http://127.0.0.1:1", "--export-label run=4711", "with run=4711"},
		"json":                {invoked("load"), nobody, "--json", `"schema": 1`},
		"verbose":             {printedLoad, "", "--verbose", "4,711"},
	},
	"drive": {
		"fault":       {invoked("drive"), "", "--fault dancing", "dancing"},
		"list-faults": {invoked("drive"), "", "--list-faults", "acknowledges nothing"},
	},
	"talk": {
		"exec":       {plannedTalk, "", "--exec ./one", "1 commands"},
		"clients":    {plannedTalk, "--exec ./one", "--clients 47", "47 clients"},
		"udp":        {plannedTalk, "--exec ./one", "--udp 127.0.0.1:4711", "udp through 127.0.0.1:4711"},
		"tcp":        {plannedTalk, "--exec ./one", "--tcp 127.0.0.1:4711", "tcp through 127.0.0.1:4711"},
		"ws":         {plannedTalk, "--exec ./one", "--ws 127.0.0.1:4711", "ws through 127.0.0.1:4711"},
		"control":    {plannedTalk, "--exec ./one --ws 127.0.0.1:1", "--control 127.0.0.1:4711", "control 127.0.0.1:4711"},
		"transport":  {plannedTalk, "--exec ./one", "--transport ws", "on ws"},
		"sense-mode": {plannedTalk, "--exec ./one", "--sense-mode 10S", "in 10S"},
		"impair":     {plannedTalk, "--exec ./one", "--impair drop=5%", "drop=5%"},
		"seed":       {plannedTalk, "--exec ./one", "--seed 4711", "seed 4711"},
		"at":         {plannedTalk, "--exec ./one", "--at 47s=rebind", "47s rebind"},
		"rate":       {plannedTalk, "--exec ./one", "--rate 4.711", "rate 4.711"},
		"duration":   {plannedTalk, "--exec ./one", "--duration 47s", "for 47s"},
		"out":        {invoked("talk"), "--exec ./no-such-client", "--out $OUT", "written: talk.json"},
		"json":       {invoked("talk"), "--exec ./no-such-client", "--json", `"schema": 1`},
	},
	"proxy": {
		"udp":        {invoked("proxy"), "--tcp 127.0.0.1:1 --duration 1ms", "--udp 127.0.0.1:4711", `"server":"127.0.0.1:4711"`},
		"tcp":        {invoked("proxy"), "--udp 127.0.0.1:1 --duration 1ms", "--tcp 127.0.0.1:4711", `"server":"127.0.0.1:4711"`},
		"ws":         {invoked("proxy"), "--udp 127.0.0.1:1 --duration 1ms", "--ws 127.0.0.1:4711", `"server":"127.0.0.1:4711"`},
		"listen-udp": {invoked("proxy"), "--udp 127.0.0.1:1 --duration 1ms", "--listen-udp 127.0.0.2:0", `"client":"127.0.0.2:`},
		"listen-tcp": {invoked("proxy"), "--tcp 127.0.0.1:1 --duration 1ms", "--listen-tcp 127.0.0.2:0", `"client":"127.0.0.2:`},
		"listen-ws":  {invoked("proxy"), "--ws 127.0.0.1:1 --duration 1ms", "--listen-ws 127.0.0.2:0", `"client":"127.0.0.2:`},
		"impair":     {invoked("proxy"), "--tcp 127.0.0.1:1 --duration 1ms", "--impair drop=5%", "note: drop applies to udp only"},
		"seed":       {plannedProxy, "--tcp 127.0.0.1:1", "--seed 4711", "seed 4711"},
		"at":         {invoked("proxy"), "--tcp 127.0.0.1:1 --duration 10ms", "--at 0s=half-open", `"action":"half-open"`},
		"duration":   {plannedProxy, "--tcp 127.0.0.1:1", "--duration 4711s", "duration 1h18m31s"},
		"log":        {invoked("proxy"), "--tcp 127.0.0.1:1 --duration 1ms", "--log $OUT/log.jsonl", "written: log.jsonl"},
	},
	"report html": {
		"verbose": {invoked("report html"), "$RUN", "--verbose", "4,711"},
		"out":     {invoked("report html"), "$RUN", "--out $OUT", "written: index.html"},
	},
	"report index": {
		"out": {invoked("report index"), "$RUN", "--out $OUT", "written: index.html"},
	},
	"report matrix": {
		"out":  {invoked("report matrix"), "$JUDGED", "--out $OUT", "written: matrix.html"},
		"json": {invoked("report matrix"), "$JUDGED", "--json", `"schema": 1`},
	},
	"report merge": {
		"out":       {invoked("report merge"), "$RUN", "--out $OUT", "!say with --out"},
		"partial":   {mergePlan, "a", "--partial", "partial true"},
		"threshold": {invoked("report merge"), "$RUN --out $OUT", "--threshold nothing", "it compares nothing"},
		"verbose":   {mergePlan, "a", "--verbose", "verbose true"},
	},
	"report diff": {
		"out":                {invoked("report diff"), "$RUN $RUN", "--out $OUT", "written: diff.html"},
		"verbose":            {printedDiff, "", "--verbose", "expiry"},
		"max-p99-regression": {invoked("report diff"), "$RUN $RUN --json", "--max-p99-regression 47.11%", "47.11"},
		"min-p99-regression": {invoked("report diff"), "$RUN $RUN --json", "--min-p99-regression 4711ms", "4711000"},
		"max-drift":          {invoked("report diff"), "$RUN $RUN --json", "--max-drift 4711ms", `"maxDriftMs": 4711`},
		"json":               {invoked("report diff"), "$RUN $RUN", "--json", `"schema": 1`},
		"markdown":           {invoked("report diff"), "$RUN $RUN", "--markdown $OUT/x.md", "written: x.md"},
		"html":               {invoked("report diff"), "$RUN $RUN", "--html $OUT/x.html", "written: x.html"},
	},
}

// Whatever a user writes on the command line counts, or is refused.
func TestEveryFlagCounts(t *testing.T) {
	files := effectFiles(t)
	files["RUN"] = filepath.Join(t.TempDir(), "run")
	saveRun(t, files["RUN"])
	files["JUDGED"] = filepath.Join(t.TempDir(), "judged")
	judged := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}, Requirements: []reports.Requirement{{ID: "a", Cases: []string{"a/b"}}}}
	if err := folder.SaveConformance(files["JUDGED"], judged); err != nil {
		t.Fatal(err)
	}
	for verb, flags := range everyFlagSet() {
		flags.VisitAll(func(flag *pflag.Flag) {
			e, known := flagEffects[verb][flag.Name]
			if !known {
				t.Errorf("%s --%s: nothing shows that it counts", verb, flag.Name)
				return
			}
			t.Run(verb+"/"+flag.Name, func(t *testing.T) { e.hold(t, files) })
		})
		for name := range flagEffects[verb] {
			if flags.Lookup(name) == nil {
				t.Errorf("%s has no flag --%s", verb, name)
			}
		}
	}
}
