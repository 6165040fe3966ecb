package cli

import (
	"strings"

	"imcheck/harness/transport/impair"
)

// The texts of topics, before what the program adds to some of them.

const environmentTopic = `Every flag has an environment variable: IMCHECK_ and its name in capitals, with
_ for -. It holds for every verb that has the flag:

  IMCHECK_TCP=127.0.0.1:8901 IMCHECK_SENSE_MODE=3S imcheck conform

A flag that is given comes before its variable, the variable before the profile
and the defaults. A repeatable flag has one value on each line, and commas where
the flag takes commas. A flag without a value is true or false. A variable that
is empty is not set. A wrong value is exit code 2. A variable that begins so and
that no flag has is a warning, unless the arguments or the profile mention it.

The command in a report has what the environment added, as flags. A server that
a profile launches inherits the environment: imcheck serve reads it there, too.
GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, NO_COLOR and TERM are respected as well.
`

const exitCodesTopic = `Whatever the code, the results are written to --out, also when the run was
interrupted or the target went away. A mistake in the command (2) removes the
report of an earlier run from there: nobody is to take it for one of this run.
`

const profileTopic = `A profile is a YAML file that says where a server listens, in which sense modes,
by which TLS, which logins it refuses, which users it has, what it can do, and
how it is launched. One with every key explained:

  imcheck conform --example-profile > my-server.yaml
  imcheck conform --profile my-server.yaml

conform, explore and load take it with --profile. A flag overrides its key, and
so does the environment variable of the flag. An unknown key is an error that
names the line. Paths in it are relative to its folder; a command to launch the
server is relative to the current one.
`

const usersTopic = `Without users, clients are made up and all have one token. A server that knows
its users needs theirs, from a file or from a template in the profile:

  imcheck load --users users.csv --tcp 127.0.0.1:8901 --clients 200

The file is UTF-8: CSV with the columns id, token and extra, which may be left
out, or a JSON object with these keys on each line:

  id,token,extra
  u1,secret-1,"{""device"":""one""}"

  {"id": "u1", "token": "secret-1"}

A template makes as many as are needed:

  users: {id: "10{n:06d}", token: "{hmac}", hmac: {of: "{id}", key: {env: IM_KEY}}}

Texts may have {n}, {n:06d}, {id}, {transport}, {hmac} and {jwt}. Keys are in
files or environment variables. load gives each client an account of its own,
and shards take theirs without overlap. conform uses no account in two cases at
once. No report, trace or output has a token, an extra or a key.
"imcheck serve --users FILE" lets in only the users of a file.
`

const senseModesTopic = `A sense mode is the interval of a client's heartbeat that both ends agree on.
The server gives a session up that is silent for the time of its transport.

  --sense-mode 10S                  the mode of all transports
  --sense-mode udp=3S,tcp=15S       of each; the default is 15S, and 3S on UDP
  --sense-modes 3S,10S, or all      conform starts the server in each of these

UDP lacks the modes with a dash:
`

const filterTopic = `conform --filter selects cases by label, with && || ! and parentheses:

  imcheck conform --filter 'heartbeat && !udp'
  imcheck conform --filter '(qos || session) && must' --list

--case and --skip name cases by ID, with * for any text: --case 'qos/*'.
Labels are the area, the level, the transport and what a case needs:
`

const scenariosTopic = `load --scenario names what the clients do besides keeping their heartbeat, or a
YAML file, which sets what flags do not ("imcheck load --example-scenario"
prints one with every key explained):
`

const thresholdsTopic = `A threshold is a bound on a figure of a load, FIGURE OPERATOR NUMBER:

  --threshold 'c2c_delivery.p99.9<200ms'
  --threshold 'ledger.lost==0'
  --threshold 'abort:sessions.lost<50'

A crossed one makes the exit code 1, and ends the run with abort: before it.
Operators are < <= > >= == and !=. Figures:

  KIND[.TRANSPORT][.due|.send].STATISTIC   latencies, since due unless .send
      kinds: %s
      statistics: a percentile such as p99.9, min, mean, max, count, rate
  ledger[.MESSAGES].COUNTER                the account of messages
      messages: %s
      counters: sent, acknowledged, delivered, duplicated, reordered,
      retransmitted, lost, late, missing, pending, spurious, called_lost
  sessions.COUNTER                         logged_in, online, lost
  sends.COUNTER                            dropped, not_online, blocked
  lateness.STATISTIC                       of the generator's own sends
  recovery.p50, .p99, .p100                until clients are back, of storm
  storm.COUNTER                            clients of a storm
      counters: zombies, self_kicks, taken_over, not_kicked, kicked_equal,
      misdirected, overdue of one with how: silent; through, gave_up,
      expired of one with how: away
  target.STATISTIC                         of its process (--target-pid, --target-metrics):
      processors, cpu_per_message, memory, peak_memory, session_memory,
      open_files, gc_time
  target.memory_slope,                     how the memory of the target's process,
  target.session_memory_slope,             its memory a session and its open files
  target.open_files_slope                  change in an hour (--target-pid)
  KIND.p99_slope                           of c2c_delivery, s2c_delivery or echo
  ledger.lost_slope                        of the share of messages lost

Before a figure stage.2. is for the second stage of a scenario file, such as
'stage.2.c2c_delivery.p99<200ms': latencies of all transports since due, ledger,
sends, sessions.lost and lateness.

A time has the unit us, ms, s or m, a rate /s, a size B, KB, KiB and so on, a
count none; of the ledger a share of what was sent has %%, or of spurious and
called_lost a share of what was delivered, and of storm a share of the clients
that it met.

A slope has %%/h, percent of the level in an hour, that of a share pp/h,
percentage points: 'target.memory_slope<1%%/h', 'ledger.lost_slope<0.1pp/h'. It
takes 40 minutes that count. The threshold holds when all holds that the slope
may be, within bounds of 99.9 %%, and is crossed when none of it does; in between
it is not known, and the exit code is 4.
`

// impairmentForm is the grammar of --impair, one part a line.
var impairmentForm = strings.NewReplacer(" with the keys ", "\n  keys: ", "), ", "),\n        ").Replace(impair.Grammar)

// impairmentTopic is a variable for its part from elsewhere.
var impairmentTopic = `conform --impair, and impair in a profile, make the path to the target bad, the
control API aside (repeatable, a list in a profile). So do load --impair, and
impair in a scenario file, to that of a load:

  ` + impairmentForm + `

  --impair 'udp: drop=2%, duplicate=1%, reorder=1%'
  --impair 'delay=50ms, jitter=30ms, seed=7'
  --impair 'tcp in: stall=1s/10s'

With --role client it is the path to the client under test, on which out leads
to the client. A case that may fail for a lost datagram is tried again then,
with other losses, and passes if it goes well once; if it never does it is
inconclusive.

Without transports a spec is for all, without in or out for both directions; for
the same path and key the later spec counts. The same seed loses the same
datagrams. What the path adds explains a time that is out of bounds: the case is
inconclusive then.

A load drops, doubles and delays messages itself, between its clients and their
connections, so that TCP, TLS and WebSocket handshakes are as quick as ever. Its
report has what it did to each kind of message in columns of their own, does not
blame the server for it, and its latencies include the delays. Specs for a
transport that no client uses are refused. The seed is --seed unless a spec has
one; shards of a load, and runs that are compared, need the same specs.
`

const faultsTopic = `"imcheck serve --fault NAME" (repeatable) makes the reference server misbehave,
to see whether a suite or a client notices: name, place, and what it does.
`

const variantsTopic = `"imcheck serve --variant NAME" (repeatable) makes the reference server use a
freedom that the protocol leaves: name, freedom, and what it does. A test that
calls such a server faulty is wrong.
`
