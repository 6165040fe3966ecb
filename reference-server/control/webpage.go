package control

import (
	"mime"
	"net/http"

	"imcheck/harness/webguard"
)

// guarded keeps web pages away from the API. configured is the host to listen on as it was
// given, see webguard.Check.
func guarded(configured string, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := webguard.Check(r, configured, "the control API"); err != nil {
			refuse(w, http.StatusForbidden, err)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// isJSON reports whether a body is declared as JSON. A page of another origin cannot
// declare that without the leave of the server, which this one does not give.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
