package cli

// The usage texts, which --help prints before the flags. For a group of verbs the list of
// them follows the first paragraph.

const programUsage = `imcheck checks servers and clients of the MobileIMSDK protocol, and loads servers.

"imcheck VERB --help" shows the flags of a verb. Without a target, conform and
load run against a reference server of their own.

Exit codes: 0 good, 1 the target falls short, 2 usage, 3 the target could not
be reached, 4 inconclusive because this machine was too slow or stopped.
`

const serveUsage = `Usage: imcheck serve [flags]

Runs the reference server until it is interrupted, and prints one line of JSON
that says where it listens. Without an address it serves all transports and the
control API on loopback, at their default ports.
`

const conformUsage = `Usage: imcheck conform [flags]

Checks a server against the protocol, case by case, on every transport that is
named with --udp, --tcp or --ws, or in a profile. Without a target it checks a
reference server of its own.

  imcheck conform --tcp 127.0.0.1:8901 --sense-mode 10S --out out/run
  imcheck conform --profile my-server.yaml --filter 'heartbeat && !udp'

With --under-load the cases run again while a swarm keeps the server busy, at one
level of load after the other, and the report says what gives way first.

  imcheck conform --tcp 127.0.0.1:8901 --under-load steady --load-rates 200,1000

With --role client it plays a server to a client instead, which --exec starts. With
--listen-http the client comes by itself, over HTTP: a page in a browser, an app on
a phone. Flags about a server, such as addresses, TLS and users, are refused then.

  imcheck conform --role client --exec 'imcheck drive' --out out/client
  imcheck conform --role client --listen-http 127.0.0.1:0
`

const exploreUsage = `Usage: imcheck explore [flags]

Plays drawn conversations of several users to a server, and the same ones to the
rules, and reports every difference that docs/protocol.md leaves no freedom for,
as the shortest conversation that shows it. Without a target it explores a
reference server of its own.

  imcheck explore --tcp 127.0.0.1:8901 --sense-mode 3S --steps 50000 --out out/explore
  imcheck explore --profile my-server.yaml --replay out/explore/differences/1.json

With --bytes it sends mutated bytes on connections of their own instead. Healthy
users have to be served in time meanwhile and afterwards, those to whom nothing
is sent must not notice anything, and the server must not grow.

  imcheck explore --bytes --tcp 127.0.0.1:8901 --steps 50000 --target-pid 4711 --out out/bytes
`

const loadUsage = `Usage: imcheck load [flags]

Logs in a swarm of clients that keep their heartbeat and do what the scenario
says, and reports latencies and what became of every message. Without a target
it loads a reference server of its own.

  imcheck load --tcp 127.0.0.1:8901 --clients 5000 --rate 2000 --out out/load
  imcheck load --tcp 127.0.0.1:8901 --clients 5000 --duration 1h --ui 127.0.0.1:9200
  imcheck load --profile my-server.yaml --threshold 'c2c_delivery.p99<200ms'

With --find it searches for the highest rate, or number of clients, at which all
thresholds hold: it doubles the load until one does not, and narrows.

  imcheck load --tcp 127.0.0.1:8901 --clients 1000 --find rate --out out/capacity
`

const reportUsage = `imcheck report works on the folders that runs were given with --out.

"imcheck report VERB --help" shows the flags of each.
`

const htmlUsage = `Usage: imcheck report html DIR... [flags]

Writes DIR/report.html and DIR/badge.json anew and prints the summary. Of several folders it also
writes an index.html over all of them, as "imcheck report index" does.
`

const indexUsage = `Usage: imcheck report index DIR... [flags]

Writes DIR/report.html of each run anew, and an index.html over all of them with
what changed from run to run. When a folder has no report that can be read,
nothing is written.
`

const matrixUsage = `Usage: imcheck report matrix DIR... [flags]

Writes one page, matrix.html, with a column for the implementation of each
conformance run and a row for each requirement; a verdict leads to its case on the
page of that run. Two runs of one implementation, or runs of servers and of clients,
are not mixed: then nothing is written.
`

const mergeUsage = `Usage: imcheck report merge DIR... --out DIR [flags]

Adds up the shards of a load: counts and histograms, never percentiles. The exit
code is that of the whole run.
`

const diffUsage = `Usage: imcheck report diff OLD NEW [flags]

Compares two runs of the same cases or the same load, or two searches for
capacity. The exit code is 1 when something has become worse, and 2 when they
cannot be compared.
`

const helpUsage = `Usage: imcheck help [VERB | TOPIC] [flags]

Explains a verb with its flags, as "imcheck VERB --help" does, or a topic.
Without a word it lists both.
`

const completionUsage = `Usage: imcheck completion bash | zsh | fish | powershell

Prints a script with which the shell completes verbs, flags, the IDs of cases,
faults, variants, scenarios, sense modes and files.

  bash        source <(imcheck completion bash)
  zsh         imcheck completion zsh > "${fpath[1]}/_imcheck"
  fish        imcheck completion fish > ~/.config/fish/completions/imcheck.fish
  powershell  imcheck completion powershell | Out-String | Invoke-Expression

bash needs the package bash-completion.
`

const versionUsage = `Usage: imcheck version

Prints the version.
`
