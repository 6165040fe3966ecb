package page

import (
	"testing"

	"imcheck/reports"
)

// A run that never began boasts of nothing that it did not lose.
func TestTilesOfNothing(t *testing.T) {
	if tiles := loadTiles(&reports.Load{}); len(tiles) > 0 {
		t.Errorf("got %+v", tiles)
	}
	for _, tile := range loadTiles(&reports.Load{Sessions: reports.Sessions{LoggedIn: 5}, Messages: []reports.Ledger{{Kind: "c2c", Sent: 4, Lost: 1, Missing: 3}}}) {
		if tile.Label == "Lost" && (tile.Value != "3 messages" || tile.Class != "bad") {
			t.Errorf("got %+v", tile)
		}
	}
}
