package console_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/controlapi"
	"imcheck/reference-server/console"
	"imcheck/reference-server/control"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
)

var asJSON = map[string]string{"Content-Type": "application/json"}

// client returns what the console shows of a built-in client.
func (b *bench) client(user string) console.Client {
	b.Helper()
	var all console.ClientsAnswer
	b.ask("GET", "/api/clients", 200, &all)
	for _, c := range all.Clients {
		if c.User == user {
			return c
		}
	}
	b.Fatalf("no client of %s: %+v", user, all)
	return console.Client{}
}

// notes writes what happened to a client as text.
func notes(c console.Client) (all []string) {
	for _, n := range c.Notes {
		text := strings.TrimSpace(fmt.Sprint(n.What, " ", n.Peer, " ", n.Text))
		if n.Code != nil {
			text += fmt.Sprint(" code ", *n.Code)
		}
		all = append(all, text)
	}
	return all
}

func (b *bench) expectNotes(user string, want ...string) {
	b.Helper()
	if got := notes(b.client(user)); !slices.Equal(got, want) {
		b.Errorf("%s: %q, want %q", user, got, want)
	}
}

// What a developer does by hand: two clients talk, one is away, one does not acknowledge, one
// is kicked.
func TestStory(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		for _, login := range []string{"username=alice&password=a", "username=bob&password=b&transport=udp&extra=x", "username=carol&password=&transport=ws&acks=false"} {
			var c console.Client
			b.ask("POST", "/api/loginConnect?"+login, 200, &c)
			if c.State != console.StateOnline {
				b.Errorf("%s: %+v", login, c)
			}
		}
		for _, send := range []string{"username=alice&friendId=bob&msg=hi", "username=alice&friendId=0&msg=all+well", "username=bob&friendId=off-dave&msg=later", "username=bob&friendId=nobody&msg=x&qos=false", "friendId=carol&msg=to+myself&qos=false", "username=bob&friendId=carol&msg=gone"} {
			b.ask("POST", "/api/sendMsg?"+send, 200, nil)
		}
		b.request("POST", "/v1/s2c", `{"to":"alice","dataContent":"news","qos":true}`, asJSON, 200)
		time.Sleep(20 * time.Second) // the message to carol is lost
		b.request("POST", "/v1/kick", `{"user":"bob","code":7,"reason":"enough"}`, asJSON, 204)
		time.Sleep(time.Second)
		b.expectNotes("alice", "login code 0", "sent bob hi", "received bob", "sent 0 all well", "received 0", "message 0 news")
		b.expectNotes("bob", "login code 0", "message alice hi", "sent off-dave later", "received off-dave", "sent nobody x", "sent carol gone", "received carol", "kickout  enough code 7")
		b.expectNotes("carol", "login code 0", "sent carol to myself", "message carol to myself", "message bob gone")
		if c := b.client("bob"); c.State != console.StateOver {
			b.Errorf("bob is %s", c.State)
		}
		b.ask("POST", "/api/logout?username=alice", 204, nil)
		b.checkLook()
	})
}

// checkLook compares what the story leaves with what the console shows of the server.
func (b *bench) checkLook() {
	b.Helper()
	var status console.Status
	b.ask("GET", "/api/status", 200, &status)
	want := map[controlapi.EventName]uint64{"verify": 3, "login": 3, "c2s": 1, "c2c": 3, "offline": 2, "received": 2, "lost": 1, "logout": 2}
	if !maps.Equal(status.Events, want) || !maps.Equal(status.Online, map[string]int{"udp": 0, "tcp": 0, "ws": 1}) {
		b.Errorf("status %+v", status)
	}
	var events console.EventsAnswer
	b.ask("GET", "/api/events?limit=2", 200, &events)
	if len(events.Events) != 2 || events.Last != 17 || events.Events[0].Event != "logout" || *events.Events[0].Code != 7 || events.Events[1].User != "alice" {
		b.Errorf("events %+v", events)
	}
	for after, want := range map[int]int{0: 17, 15: 2, 17: 0, 99: 0} {
		if b.ask("GET", fmt.Sprint("/api/events?after=", after), 200, &events); len(events.Events) != want {
			b.Errorf("%d events after %d, want %d", len(events.Events), after, want)
		}
	}
}

// Pages have everybody once.
func TestPages(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		const users = 7
		for n := range users {
			b.ask("POST", fmt.Sprintf("/api/loginConnect?username=u%d&password=t", n), 200, nil)
		}
		var all []string
		for after, more := uint64(0), true; more; {
			var page console.SessionsAnswer
			b.ask("GET", fmt.Sprintf("/api/sessions?after=%d&limit=3", after), 200, &page)
			for _, s := range page.Sessions {
				all = append(all, s.User)
				if s.Transport != "tcp" || s.SenseMode != "3S" || s.SinceMs == 0 || !strings.HasPrefix(s.Address, "127.0.0.1:") || page.Online != users {
					b.Errorf("%+v of %d", s, page.Online)
				}
			}
			after, more = page.Next, page.Next > 0
		}
		if got := strings.Join(all, " "); got != "u0 u1 u2 u3 u4 u5 u6" {
			b.Errorf("pages of %s", got)
		}
		var one console.SessionsAnswer
		if b.ask("GET", "/api/sessions?user=u3", 200, &one); len(one.Sessions) != 1 || one.Sessions[0].User != "u3" || one.Next != 0 {
			b.Errorf("u3 is %+v", one)
		}
		if b.ask("GET", "/api/sessions?user=u9", 200, &one); len(one.Sessions) != 0 || one.Online != users {
			b.Errorf("u9 is %+v", one)
		}
	})
}

// Every answer that the description has is given, and has its form; bad input is refused and
// changes nothing.
func TestDescription(t *testing.T) {
	answered := map[string]bool{}
	collect := func(b *bench) { maps.Copy(answered, b.answered) }
	inBubble(t, nil, func(b *bench) {
		defer collect(b)
		b.ask("POST", "/api/sendMsg?friendId=bob&msg=x", 404, nil)
		b.ask("POST", "/api/logout", 404, nil)
		b.ask("POST", "/api/loginConnect?username=bob&password=b", 200, nil)
		b.ask("POST", "/api/loginConnect?username=bob&password=b", 409, nil)
		b.ask("POST", "/api/sendMsg?friendId=bob&msg=x", 200, nil)
		b.ask("POST", "/api/logout?username=bob", 204, nil)
		b.ask("POST", "/api/logout?username=bob", 409, nil)
		b.ask("POST", "/api/sendMsg?friendId=bob&msg=x", 409, nil)
		b.ask("POST", "/api/loginConnect?username=eve&password=code:1025", 403, nil)
		b.ask("POST", "/api/loginConnect?username=eve&password=e", 200, nil)
		b.requestsOfTheContract()
		b.badRequests()
		b.tooManyStreams()
	})
	silent, err := faults.Find([]string{"login-response-missing"})
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, func(c *reference.Config) { c.Faults = silent }, func(b *bench) {
		defer collect(b)
		b.ask("POST", "/api/loginConnect?username=bob&password=b", 504, nil)
	})
	inBubble(t, func(c *reference.Config) { c.Control = "0.0.0.0:0" }, func(b *bench) {
		defer collect(b)
		b.tokens()
	})
	for path, operations := range readDescription(t).Paths {
		for method, operation := range operations {
			for status := range operation.Responses {
				if one := strings.ToUpper(method) + " " + path + " " + status; !answered[one] {
					t.Errorf("no test has the answer %s", one)
				}
			}
		}
	}
}

// requestsOfTheContract makes the calls of docs/contracts.md.
func (b *bench) requestsOfTheContract() {
	for _, path := range []string{"/v1/info", "/v1/online", "/v1/events", "/api/status", "/api/sessions", "/api/events", "/api/clients"} {
		b.ask("GET", path, 200, nil)
	}
	for path, bodies := range map[string][3]string{
		"/v1/s2c":  {`{"to":"eve","dataContent":"x"}`, `{"to":"nobody","dataContent":"x"}`, `{}`},
		"/v1/kick": {`{"user":"eve","code":7}`, `{"user":"nobody","code":7}`, `{}`},
	} {
		done := map[string]int{"/v1/s2c": 200, "/v1/kick": 204}[path]
		for i, status := range []int{done, 404, 400} {
			b.request("POST", path, bodies[i], asJSON, status)
		}
		b.request("POST", path, bodies[0], nil, 415)
	}
	b.ask("GET", "/v1/events?since=x", 400, nil)
}

// badRequests makes calls with bad parameters, and calls of other pages.
func (b *bench) badRequests() {
	for path, queries := range map[string][]string{
		"GET /api/status":        {"x=1", "%zz"},
		"GET /api/clients":       {"x=1"},
		"GET /api/sessions":      {"limit=0", "limit=1001", "limit=x", "after=-1", "after=x", "after=1&after=2", "page=1"},
		"GET /api/events":        {"limit=0", "after=1.5"},
		"POST /api/loginConnect": {"", "username=u", "password=p", "username=&password=p", "username=u&password=p&transport=sctp", "username=u&password=p&acks=perhaps", "user=u&password=p"},
		"POST /api/sendMsg":      {"", "friendId=v", "msg=x", "friendId=&msg=x", "friendId=v&msg=x&qos=2"},
		"POST /api/logout":       {"user=u"},
	} {
		method, path, _ := strings.Cut(path, " ")
		for _, query := range queries {
			b.ask(method, path+"?"+query, 400, nil)
		}
	}
	before := b.ask("GET", "/api/clients", 200, nil)
	for path, operations := range b.api.Paths {
		for method := range operations {
			b.request(strings.ToUpper(method), path+"?username=u&password=p", "", map[string]string{"Origin": "https://evil.example"}, 403)
			b.request(strings.ToUpper(method), path+"?username=u&password=p", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403)
		}
	}
	if after := b.ask("GET", "/api/clients", 200, nil); after != before {
		b.Errorf("a page of somebody else has changed %s to %s", before, after)
	}
}

// tooManyStreams opens one stream of events too many.
func (b *bench) tooManyStreams() {
	for range control.MaxStreams {
		response, err := b.http.Get("http://127.0.0.1/v1/events")
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
	}
	b.ask("GET", "/v1/events", 503, nil)
}

// tokens tries the calls beyond loopback: those of the console want the token, the page and
// the contract do not.
func (b *bench) tokens() {
	if len(b.token) < 20 {
		b.Fatalf("the address of the page is %s", b.server.ConsoleURL())
	}
	b.ask("GET", "/api/status", 200, nil)
	for path, operations := range b.api.Paths {
		for method, operation := range operations {
			if len(operation.Security) == 0 {
				continue
			}
			for _, token := range []string{"", "Bearer ", "Bearer x", b.token, "Bearer " + b.token + "x", "Basic " + b.token} {
				b.request(strings.ToUpper(method), path, "", map[string]string{"Authorization": token}, 401)
			}
		}
	}
	b.request("GET", "/v1/online", "", map[string]string{"Authorization": ""}, 200)
}

// The page is one of three files, and asks nobody else for anything.
func TestFiles(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		for path, want := range map[string]string{"/": "<title>imcheck console</title>", "/console.css": "body {", "/console.js": "'use strict'", "/openapi.json": `"openapi": "3.1.1"`} {
			response, err := b.http.Get("http://127.0.0.1" + path)
			if err != nil {
				b.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != http.StatusOK || !strings.Contains(string(text), want) || !strings.HasPrefix(response.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") {
				b.Errorf("%s: %d %v", path, response.StatusCode, response.Header)
			}
			if path != "/openapi.json" && strings.Contains(string(text), "http:") {
				b.Errorf("%s leads elsewhere", path)
			}
			if path == "/openapi.json" && !json.Valid(text) {
				b.Error("the description is not JSON")
			}
		}
		for _, path := range []string{"/assets", "/index.html", "/console", "/api", "/api/", "/api/nothing", "/api/status/"} {
			if response, err := b.http.Get("http://127.0.0.1" + path); err != nil || response.StatusCode != http.StatusNotFound {
				b.Errorf("%s: %+v, %v", path, response, err)
			} else {
				response.Body.Close()
			}
		}
	})
}

// Built-in clients are bounded: one that is over makes room, and what happened longest ago is
// forgotten.
func TestClientsAreBounded(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		for n := range console.MaxClients {
			b.ask("POST", fmt.Sprintf("/api/loginConnect?username=u%d&password=t", n), 200, nil)
		}
		b.ask("POST", "/api/loginConnect?username=more&password=t", 409, nil)
		b.ask("POST", "/api/logout?username=u9", 204, nil)
		b.ask("POST", "/api/loginConnect?username=more&password=t", 200, nil)
		for range 150 {
			b.ask("POST", "/api/sendMsg?username=more&friendId=more&qos=false&msg="+strings.Repeat("x", 2500), 200, nil)
		}
		c := b.client("more")
		if last := c.Notes[len(c.Notes)-1]; len(c.Notes) != 100 || len(last.Text) > 2010 || !strings.HasSuffix(last.Text, "…") {
			b.Errorf("%d notes, the last with %d bytes", len(c.Notes), len(last.Text))
		}
	})
}
