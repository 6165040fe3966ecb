package cli

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"imcheck/fixtures"
)

// keyEffect describes how a key of a file that counts can be noticed.
type keyEffect struct {
	base  string // the file without the key
	with  string // the file with it
	shows string // text that is seen with it only; after ! text that is seen without it only
}

const (
	addressed = "addresses: {tcp: '127.0.0.1:1'}\n"
	launched  = "launch:\n  command: [x, '{tcp}']\n"
	inModes   = "launch:\n  command: [x, '{tcp}', '{senseMode.tcp}', '{udp}', '{senseMode.udp}', '{ws}', '{senseMode.ws}']\n"
)

// hmacUsers and jwtUsers are profiles with a template whose token has that signature.
func hmacUsers(keys string) string {
	return addressed + "users: {id: 'u{n}', token: '{hmac}', hmac: {" + keys + "}}\n"
}

func jwtUsers(keys string) string {
	return addressed + "users: {id: 'u{n}', token: '{jwt}', jwt: {" + keys + "}}\n"
}

// profileEffects has an entry for every key of the example profile.
var profileEffects = map[string]keyEffect{
	"name":                        {addressed, addressed + "name: a name\n", `name "a name"`},
	"implementation.version":      {addressed, addressed + "implementation: {version: a version}\n", `version "a version"`},
	"implementation.organization": {addressed, addressed + "implementation: {organization: a maker}\n", `made by "a maker"`},
	"implementation.url":          {addressed, addressed + "implementation: {url: 'https://im.example/server'}\n", `at "https://im.example/server"`},
	"protocol":                    {addressed, addressed + "protocol: '6.4'\n", "skipped kick/equal-login [tcp]"},
	"addresses.udp":               {addressed, "addresses: {tcp: '127.0.0.1:1', udp: '127.0.0.1:4711'}\n", "[127.0.0.1:4711 "},
	"addresses.tcp":               {"addresses: {udp: '127.0.0.1:1'}\n", "addresses: {udp: '127.0.0.1:1', tcp: '127.0.0.1:4711'}\n", " 127.0.0.1:4711 "},
	"addresses.ws":                {addressed, "addresses: {tcp: '127.0.0.1:1', ws: '127.0.0.1:4711'}\n", " 127.0.0.1:4711]"},
	"addresses.control":           {addressed, "addresses: {tcp: '127.0.0.1:1', control: '127.0.0.1:4711'}\n", "control 127.0.0.1:4711"},
	"tls.ca":                      {addressed + "tls: {}\n", addressed + "tls: {ca: CERT}\n", "own roots true"},
	"tls.serverName":              {addressed, addressed + "tls: {serverName: im.example}\n", `TLS with "im.example"`},
	"tls.tcp":                     {addressed + "tls: {tcp: false}\n", addressed + "tls: {tcp: true}\n", "tcp: TLS"},
	"tls.ws":                      {addressed + "tls: {tcp: true, ws: false}\n", addressed + "tls: {tcp: true, ws: true}\n", "ws: TLS"},
	"tls.cert":                    {addressed + "tls: {}\n", addressed + "tls: {cert: CERT, key: KEY}\n", "own certificate true"},
	"tls.key":                     {addressed + "tls: {}\n", addressed + "tls: {key: KEY}\n", "cert and key go together"},
	"tls.insecure":                {addressed + "tls: {}\n", addressed + "tls: {insecure: true}\n", "unchecked true"},
	"webSocket.headers":           {addressed, addressed + "webSocket: {headers: ['Origin: http://im.example']}\n", "Header:[{Name:Origin Value:http://im.example}]"},
	"webSocket.compression":       {addressed, addressed + "webSocket: {compression: true}\n", "Compression:true"},
	"webSocket.subprotocol":       {addressed, addressed + "webSocket: {subprotocol: chat}\n", "Subprotocol:chat"},
	"senseModes.udp":              {addressed, addressed + "senseModes: {udp: 60S}\n", "udp in 60S"},
	"senseModes.tcp":              {addressed, addressed + "senseModes: {tcp: 60S}\n", "tcp in 60S"},
	"senseModes.ws":               {addressed, addressed + "senseModes: {ws: 60S}\n", "ws in 60S"},
	"tolerance":                   {addressed, addressed + "tolerance: 4711ms\n", "tolerance 4.711s"},
	"credentials.accepted":        {addressed, addressed + "credentials: {accepted: opensesame}\n", "token opensesame"},
	"credentials.refused":         {addressed, addressed + "credentials: {refused: [{token: wrong, code: 4711}]}\n", "refused [{wrong 4711}]"},
	"users.file":                  {addressed, addressed + "users: {file: USERS}\n", `is {"u4711" "t" ""}`},
	"users.id":                    {addressed, addressed + "users: {id: 'u{n:04d}', token: t}\n", `is {"u0003" "t" ""}`},
	"users.token":                 {addressed, addressed + "users: {id: 'u{n}', token: 't{n}'}\n", `is {"u3" "t3" ""}`},
	"users.extra":                 {addressed, addressed + "users: {id: 'u{n}', token: t, extra: '{transport}'}\n", `is {"u3" "t" "tcp"}`},
	"users.first":                 {addressed, addressed + "users: {id: 'u{n}', token: t, first: 4711}\n", `is {"u4713" "t" ""}`},
	"users.count":                 {addressed, addressed + "users: {id: 'u{n}', token: t, count: 4711}\n", "4711 users"},
	"users.hmac.of":               {hmacUsers("of: a, key: {file: SECRET}"), hmacUsers("of: b, key: {file: SECRET}"), "bd934b8ba1"},
	"users.hmac.encoding":         {hmacUsers("of: b, key: {file: SECRET}"), hmacUsers("of: b, encoding: base64, key: {file: SECRET}"), "vZNLi6EH"},
	"users.hmac.key.file":         {hmacUsers("of: b, key: {env: PATH}"), hmacUsers("of: b, key: {file: SECRET}"), "bd934b8ba1"},
	"users.hmac.key.env":          {hmacUsers("of: b, key: {file: SECRET}"), hmacUsers("of: b, key: {env: PATH}"), "!bd934b8ba1"},
	"users.jwt.algorithm":         {jwtUsers("algorithm: HS256, key: {file: KEY}"), jwtUsers("algorithm: RS256, key: {file: KEY}"), "eyJhbGciOiJSUzI1NiI"},
	"users.jwt.keyId":             {jwtUsers("algorithm: HS256, key: {file: SECRET}"), jwtUsers("algorithm: HS256, keyId: k1, key: {file: SECRET}"), "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0"},
	"users.jwt.claims.sub":        {jwtUsers("algorithm: HS256, key: {file: SECRET}"), jwtUsers("algorithm: HS256, claims: {sub: '{id}'}, key: {file: SECRET}"), "eyJzdWIiOiJ1MyJ9"},
	"users.jwt.lifetime":          {jwtUsers("algorithm: HS256, key: {file: SECRET}"), jwtUsers("algorithm: HS256, lifetime: 1h, key: {file: SECRET}"), "eyJleHAi"},
	"users.jwt.key.file":          {jwtUsers("algorithm: HS256, key: {env: PATH}"), jwtUsers("algorithm: HS256, key: {file: SECRET}"), "9EmJDfAi6fqc"},
	"users.jwt.key.env":           {jwtUsers("algorithm: HS256, key: {file: SECRET}"), jwtUsers("algorithm: HS256, key: {env: PATH}"), "!9EmJDfAi6fqc"},
	"offlinePrefix":               {addressed, addressed + "offlinePrefix: away-\n", "stored away-x"},
	"vetoPrefix":                  {addressed, addressed + "vetoPrefix: 'no:'\n", "vetoed no:x"},
	"largestMessages.udp":         {addressed, addressed + "largestMessages: {udp: 4711}\n", "at most 4711 bytes"},
	"largestMessages.tcp":         {addressed, addressed + "largestMessages: {tcp: 4711}\n", "at most 4711 bytes"},
	"largestMessages.ws":          {addressed, addressed + "largestMessages: {ws: 4711}\n", "at most 4711 bytes"},
	"capabilities":                {addressed, addressed + "capabilities: [bridge]\n", `capabilities ["bridge"]`},
	"bridge":                      {addressed, addressed + "bridge: amqp://u:p@127.0.0.1:4711\n", "bridge amqp://127.0.0.1:4711"},
	"impair":                      {addressed, addressed + "impair: ['delay=50ms']\n", "impairment &{"},
	"launch.command":              {addressed, launched, "launched with"},
	"launch.ready":                {launched, launched + "  ready: 'is up'\n", "ready is up"},
	"launch.startTimeout":         {launched, launched + "  startTimeout: 4711ms\n", "in 4.711s"},
	"launch.stopTimeout":          {launched, launched + "  stopTimeout: 4711ms\n", "stopped in 4.711s"},
	"launch.senseModes.udp":       {inModes + "  senseModes: {udp: [3S], tcp: [3S], ws: [3S]}\n", inModes + "  senseModes: {udp: [60S], tcp: [3S], ws: [3S]}\n", "udp in 60S"},
	"launch.senseModes.tcp":       {inModes + "  senseModes: {udp: [3S], tcp: [3S], ws: [3S]}\n", inModes + "  senseModes: {udp: [3S], tcp: [60S], ws: [3S]}\n", "tcp in 60S"},
	"launch.senseModes.ws":        {inModes + "  senseModes: {udp: [3S], tcp: [3S], ws: [3S]}\n", inModes + "  senseModes: {udp: [3S], tcp: [3S], ws: [60S]}\n", "ws in 60S"},
}

// scenarioEffects has an entry for every key of the example scenario.
var scenarioEffects = map[string]keyEffect{
	"scenario":       {"scenario: steady\n", "scenario: idle\n", "Scenario:idle"},
	"clients":        {"scenario: idle\n", "scenario: idle\nclients: 4711\n", "Clients:4711"},
	"ramp":           {"scenario: idle\n", "scenario: idle\nramp: 4711ms\n", "Ramp:4.711s"},
	"warmup":         {"scenario: idle\n", "scenario: idle\nwarmup: 4711ms\n", "Warmup:4.711s"},
	"duration":       {"scenario: idle\n", "scenario: idle\nduration: 4711ms\n", "Duration:4.711s"},
	"rampDown":       {"scenario: idle\n", "scenario: idle\nrampDown: 4711ms\n", "RampDown:4.711s"},
	"stages":         {"scenario: steady\n", "scenario: steady\nstages: [{for: 4711ms}]\n", "Stages:[{For:4.711s"},
	"mix.idle":       {"scenario: mix\nmix: {steady: 9999}\n", "scenario: mix\nmix: {steady: 9999, idle: 4711}\n", "{Scenario:idle Weight:4711}"},
	"mix.chat":       {"scenario: mix\nmix: {steady: 9999}\n", "scenario: mix\nmix: {steady: 9999, chat: 4711}\n", "{Scenario:chat Weight:4711}"},
	"mix.churn":      {"scenario: mix\nmix: {steady: 9999}\n", "scenario: mix\nmix: {steady: 9999, churn: 4711}\n", "{Scenario:churn Weight:4711}"},
	"rates.churn":    {"scenario: mix\nmix: {idle: 1, churn: 1}\n", "scenario: mix\nmix: {idle: 1, churn: 1}\nrates: {churn: 4.711}\n", "{Scenario:churn Rate:4.711}"},
	"rate":           {"scenario: steady\n", "scenario: steady\nrate: 4711\n", "Rate:4711"},
	"payload":        {"scenario: steady\n", "scenario: steady\npayload: 1234\n", "Payload:1234"},
	"impair":         {"scenario: idle\n", "scenario: idle\nimpair: ['delay=50ms']\n", "Impair:[delay=50ms]"},
	"inFlight":       {"scenario: steady\n", "scenario: steady\ninFlight: 4711\n", "InFlight:4711"},
	"seed":           {"scenario: idle\n", "scenario: idle\nseed: 4711\n", "Seed:4711"},
	"thresholds":     {"scenario: idle\n", "scenario: idle\nthresholds: [login.p99<4711s]\n", "login.p99<4711s"},
	"chat.thinkTime": {"scenario: chat\n", "scenario: chat\nchat: {thinkTime: 4711ms}\n", "ThinkTime:4.711s"},
	"chat.groups":    {"scenario: chat\n", "scenario: chat\nchat: {groups: [7]}\n", "Groups:[7]"},
	"fanout.group":   {"scenario: fanout\n", "scenario: fanout\nfanout: {group: 47}\n", "FanOut:47"},
	"backlog.share":  {"scenario: backlog\n", "scenario: backlog\nbacklog: {share: 47.11}\n", "BacklogShare:47.11"},
	"backlog.away":   {"scenario: backlog\n", "scenario: backlog\nbacklog: {away: 24711ms}\n", "BacklogAway:24.711s"},
	"storm.share":    {"scenario: storm\n", "scenario: storm\nstorm: {share: 47.11}\n", "StormShare:47.11"},
	"storm.at":       {"scenario: storm\n", "scenario: storm\nstorm: {at: 4711ms}\n", "StormAt:4.711s"},
	"storm.how":      {"scenario: storm\n", "scenario: storm\nstorm: {how: silent}\n", "StormHow:silent"},
	"storm.login":    {"scenario: storm\nstorm: {how: silent}\n", "scenario: storm\nstorm: {how: silent, login: kept}\n", "StormLogin:kept"},
	"storm.away":     {"scenario: storm\nstorm: {how: away}\n", "scenario: storm\nstorm: {how: away, away: 4711ms}\n", "StormAway:4.711s"},
	"churn.away":     {"scenario: churn\n", "scenario: churn\nchurn: {away: 4711ms}\n", "Away:4.711s"},
	"echo.thinkTime": {"scenario: echo\n", "scenario: echo\necho: {thinkTime: 4711ms}\n", "ThinkTime:4.711s"},
}

// shownInComment is a line of an example that is a key, and a comment so far.
var shownInComment = regexp.MustCompile(`(?m)^( *)# ((?:  )*(?:-|[a-zA-Z]+:)(?: (?:\[.*\]|".*"|[^ ]+)(?: +#.*)?)?)$`)

// exampleKeys lists the keys of an example, those that are comments too.
func exampleKeys(t *testing.T, text []byte) []string {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(shownInComment.ReplaceAllString(string(text), "$1$2")), &root); err != nil {
		t.Fatal(err)
	}
	return leaves(root.Content[0], "")
}

// leaves lists the keys that have no keys below them; a list is a value.
func leaves(node *yaml.Node, below string) (keys []string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := below + node.Content[i].Value
		if value := node.Content[i+1]; value.Kind == yaml.MappingNode {
			keys = append(keys, leaves(value, key+".")...)
		} else {
			keys = append(keys, key)
		}
	}
	return keys
}

// Whatever a user writes into a profile or a scenario counts, or is refused.
func TestEveryKeyCounts(t *testing.T) {
	profile, err := fixtures.Profile("example")
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := fixtures.Scenario("example")
	if err != nil {
		t.Fatal(err)
	}
	named := effectFiles(t)
	certificate, err := os.ReadFile(named["CERT"])
	if err != nil {
		t.Fatal(err)
	}
	private, err := os.ReadFile(named["KEY"])
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range []struct {
		name    string
		text    []byte
		effects map[string]keyEffect
		observe observation
		args    string
	}{
		{"profile", profile, profileEffects, planned, "--profile"},
		{"scenario", scenario, scenarioEffects, plannedLoad, nobody + " --scenario"},
	} {
		keys := exampleKeys(t, example.text)
		if missing := slices.Sorted(maps.Keys(example.effects)); !slices.Equal(missing, slices.Sorted(slices.Values(keys))) {
			t.Errorf("the example %s has the keys\n%q, and of these it is shown that they count:\n%q", example.name, keys, missing)
		}
		for key, e := range example.effects {
			t.Run(example.name+"/"+key, func(t *testing.T) {
				dir := t.TempDir()
				files := map[string]string{}
				for name, text := range map[string]string{"CERT": string(certificate), "KEY": string(private), "SECRET": "key\n", "USERS": "id,token\na,t\nb,t\nu4711,t\n", "BASE": e.base, "WITH": e.with} {
					files[name] = filepath.Join(dir, name)
					if err := os.WriteFile(files[name], []byte(text), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				last := func(t *testing.T, args []string) string {
					return example.observe(t, append(strings.Fields(example.args), args[len(args)-1]))
				}
				effect{last, "$BASE", "$WITH", e.shows}.hold(t, files)
			})
		}
	}
}
