package driver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/driver"
	"imcheck/protocol/driverapi"
)

// asked does a request, and returns the status and the body of the answer.
func asked(w *driver.Web, method, path, body string) (int, string) {
	out := httptest.NewRecorder()
	w.ServeHTTP(out, httptest.NewRequest(method, path, strings.NewReader(body)))
	return out.Code, strings.TrimSpace(out.Body.String())
}

// comer is a client that comes over HTTP.
type comer struct {
	web    *driver.Web
	number string
	heard  int
}

func comes(t *testing.T, w *driver.Web) *comer {
	t.Helper()
	code, body := asked(w, http.MethodPost, "/secret", reusable)
	number := strings.TrimSuffix(strings.TrimPrefix(body, `{"client":"`), `"}`)
	if code != http.StatusCreated || number == body {
		t.Fatalf("coming is answered with %d %s", code, body)
	}
	return &comer{web: w, number: number}
}

// commands asks once.
func (c *comer) commands() (int, string) {
	code, body := asked(c.web, http.MethodGet, fmt.Sprintf("/secret/%s?after=%d", c.number, c.heard), "")
	if code == http.StatusOK {
		c.heard += strings.Count(body, "\n") + 1
	}
	return code, body
}

func (c *comer) tell(events string) (int, string) {
	return asked(c.web, http.MethodPost, "/secret/"+c.number, events)
}

// play asks for commands until the case is over, and answers each.
func (c *comer) play(answer func(command string) string) {
	for {
		code, body := c.commands()
		if code == http.StatusGone || strings.Contains(body, `"exit"`) {
			return
		}
		if code == http.StatusOK {
			for line := range strings.Lines(body) {
				c.tell(answer(line))
			}
		}
	}
}

// A client comes, plays a case, is reset, plays another, and is told that the run is over.
func TestWeb(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := driver.NewWeb("secret")
		pool := driver.NewPool(web)
		closed, over := make(chan struct{}), make(chan struct{})
		go func() {
			time.Sleep(50 * time.Second)
			c := comes(t, web)
			c.play(func(command string) string {
				if strings.Contains(command, "reset") {
					return reusable
				}
				return `{"ev":"sent","code":0}` + "\n" + `{"ev":"received","fp":"f"}`
			})
			<-closed
			if code, body := c.commands(); code != http.StatusGone {
				t.Errorf("after the end: %d %s", code, body)
			}
			if code, body := asked(web, http.MethodPost, "/secret", reusable); code != http.StatusGone || !strings.Contains(body, "the run is over") {
				t.Errorf("a client that comes late is told %d %s", code, body)
			}
			close(over)
		}()
		for n := range 2 {
			d := launched(t, pool.Launch)
			if d.Ready.Name != "n" || d.Played != n {
				t.Errorf("%+v came, having played %d cases", d.Ready, d.Played)
			}
			time.Sleep(time.Minute) // it goes on asking
			if err := d.Do(driverapi.Command{Do: driverapi.ActionLogout}); err != nil {
				t.Error(err)
			}
			if e := <-d.Events(); e.Kind != driverapi.EventSent {
				t.Errorf("got %s", e)
			}
			if e := <-d.Events(); e.Kind != driverapi.EventReceived {
				t.Errorf("got %s", e)
			}
			pool.Return(d)
		}
		pool.Close()
		web.Close()
		close(closed)
		<-over
	})
}

// Clients that wait for a case at the end learn that there is none for them, and one that
// does not ask any more delays nobody for long.
func TestWebCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := driver.NewWeb("secret")
		waits := comes(t, web)
		comes(t, web)
		done := make(chan string)
		go func() {
			_, body := waits.commands()
			done <- body
		}()
		synctest.Wait()
		started := time.Now()
		go func() {
			if body := <-done; body != `{"do":"exit"}` || time.Since(started) > 0 {
				t.Errorf("it is told %q after %v", body, time.Since(started))
			}
		}()
		if web.Close(); time.Since(started) != time.Second {
			t.Errorf("the end took %v", time.Since(started))
		}
	})
}

// Whatever a client does that came over HTTP, the case has an error that says so.
func TestWebTroubles(t *testing.T) {
	const logout = `{"do":"logout"}`
	tests := []struct {
		name string
		act  func(c *comer)
		want string
	}{
		{"asks for nothing", func(*comer) {}, "it has not asked for commands for 4s"},
		{"stops asking", func(c *comer) { c.commands() }, "it has not asked for commands for 4s\n  its stderr ends with: a note"},
		{"rubbish", func(c *comer) { c.play(func(string) string { return "Hello!" }) }, `line 1 is not one of the driver contract: it is not a JSON object: "Hello!"`},
		{"flood", func(c *comer) {
			c.play(func(string) string { return strings.Repeat(`{"ev":"sent","code":0}`+"\n", driverapi.MaxLines+1) })
		}, "a flood: 20001 lines"},
		{"too much at once", func(c *comer) {
			c.play(func(string) string { return strings.Repeat(" ", driverapi.MaxLine+2) })
		}, "it has not asked for commands"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			web := driver.NewWeb("secret")
			c := comes(t, web)
			if code, _ := asked(web, http.MethodPost, "/secret/"+c.number+"/stderr", "a note\n"); code != http.StatusNoContent {
				t.Errorf("%s: its stderr is answered with %d", test.name, code)
			}
			if code, body := c.tell(`{"ev":"sent","code":0}`); code != http.StatusConflict {
				t.Errorf("%s: an event before the case is answered with %d %s", test.name, code, body)
			}
			d := launched(t, web.Launch)
			if test.name == "too much at once" {
				c.tell(strings.Repeat(" ", driverapi.MaxLine+2))
			} else {
				go test.act(c)
			}
			_ = d.Do(driverapi.Command{Do: driverapi.ActionLogout})
			for range d.Events() {
			}
			if err := d.Err(); !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v does not say %q", test.name, err, test.want)
			}
			d.Stop()
			if code, body := c.tell(logout); code != http.StatusGone {
				t.Errorf("%s: an event after the case is answered with %d %s", test.name, code, body)
			}
		})
	}
}

// A case does not wait for ever for a client, but for as long as one is at work.
func TestNobodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := driver.NewWeb("secret")
		for n, want := range []time.Duration{time.Minute, 5 * time.Second} {
			started := time.Now()
			_, err := web.Launch(t.Context())
			if err == nil || !strings.Contains(err.Error(), "no client came within 1m0s") || time.Since(started) != want {
				t.Errorf("wait %d: %v after %v", n, err, time.Since(started))
			}
		}
		gone := comes(t, web)
		time.Sleep(20 * time.Second) // without asking for commands
		c := comes(t, web)
		d := launched(t, web.Launch)
		go c.play(func(string) string { return "" })
		started := time.Now()
		time.AfterFunc(5*time.Minute, d.Stop)
		if _, err := web.Launch(t.Context()); err == nil || time.Since(started) != 6*time.Minute {
			t.Errorf("while another plays: %v after %v", err, time.Since(started))
		}
		if code, _ := gone.commands(); code != http.StatusNotFound {
			t.Errorf("a client that was silent for long is answered with %d", code)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := web.Launch(ctx); err == nil || !strings.Contains(err.Error(), "deadline") {
			t.Errorf("at the end of the run: %v", err)
		}
	})
}

func TestWebRequests(t *testing.T) {
	web := driver.NewWeb("secret")
	tests := []struct {
		method, path, body string
		code               int
		want               string
	}{
		{http.MethodPost, "/", reusable, http.StatusNotFound, "nothing is here"},
		{http.MethodPost, "/secre", reusable, http.StatusNotFound, "nothing is here"},
		{http.MethodOptions, "/other", "", http.StatusNotFound, ""},
		{http.MethodOptions, "/secret/1", "", http.StatusNoContent, ""},
		{http.MethodGet, "/secret", "", http.StatusOK, "not for people"},
		{http.MethodPost, "/secret", "hello", http.StatusBadRequest, "not a JSON object"},
		{http.MethodPost, "/secret", `{"ev":"login","code":0}`, http.StatusBadRequest, "the first event is not ready"},
		{http.MethodPost, "/secret", strings.Repeat(" ", driverapi.MaxLine+2), http.StatusBadRequest, "read the body"},
		{http.MethodPost, "/secret", reusable, http.StatusCreated, `{"client":"1"}`},
		{http.MethodGet, "/secret/2?after=0", "", http.StatusNotFound, `there is no client`},
		{http.MethodGet, "/secret/1", "", http.StatusBadRequest, "?after="},
		{http.MethodGet, "/secret/1?after=-1", "", http.StatusBadRequest, "?after="},
		{http.MethodGet, "/secret/1?after=7", "", http.StatusBadRequest, "only 0 commands"},
		{http.MethodGet, "/secret/1/stderr", "", http.StatusNotFound, "with GET"},
		{http.MethodDelete, "/secret/1", "", http.StatusNotFound, "with GET"},
	}
	for _, test := range tests {
		out := httptest.NewRecorder()
		web.ServeHTTP(out, httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)))
		if out.Code != test.code || !strings.Contains(out.Body.String(), test.want) || out.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s %s: got %d %s", test.method, test.path, out.Code, out.Body)
		}
	}
	full := false
	for range 300 {
		code, body := asked(web, http.MethodPost, "/secret", reusable)
		full = full || code == http.StatusServiceUnavailable && strings.Contains(body, "256 clients wait")
	}
	if !full {
		t.Error("any number of clients may wait")
	}
}

// Where there is one client only, a case that waits gets it when the case before gives it
// back, and a case that needs a fresh one gets it when it has come anew.
func TestOneComerForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := driver.NewWeb("secret")
		pool := driver.NewPool(web)
		come := 0
		go func() {
			for {
				if code, _ := asked(web, http.MethodPost, "/secret", "nobody comes"); code == http.StatusGone {
					return
				}
				c := comes(t, web)
				come++
				c.play(func(command string) string {
					if strings.Contains(command, "reset") {
						return reusable
					}
					return ""
				})
			}
		}()
		first := launched(t, pool.Launch)
		time.AfterFunc(time.Hour, func() { pool.Return(first) })
		started := time.Now()
		if second := launched(t, pool.Launch); second != first || second.Played != 1 || time.Since(started) != time.Hour {
			t.Errorf("after %v a client that has played %d cases", time.Since(started), second.Played)
		}
		time.AfterFunc(time.Hour, func() { pool.Return(first) })
		fresh := launched(t, pool.Fresh) // first is not kept while this waits
		if fresh == first || fresh.Played != 0 || come != 2 {
			t.Errorf("%d clients came, and the fresh one has played %d cases", come, fresh.Played)
		}
		pool.Return(fresh) // kept
		if again := launched(t, pool.Fresh); again == fresh || again.Played != 0 || come != 3 {
			t.Errorf("%d clients came, and the second fresh one has played %d cases", come, again.Played)
		} else {
			again.Stop()
		}
		pool.Close()
		synctest.Wait() // it has come once more
		web.Close()
	})
}
