package reports

// Unfinished says of the report of a run that had not ended when it was written what the rest
// of it was to be.
type Unfinished struct {
	PlannedMs int64 `json:"plannedMs"` // length of the whole run, without what it waits for at its end
}

// Trend describes how one figure went over the steady part of a run, after a time in which
// the target may still have been settling.
type Trend struct {
	Figure string `json:"figure"` // as a threshold names it, such as "target.memory_slope"
	Unit   string `json:"unit"`   // of the slopes: TrendShare or TrendPoints
	FromMs int64  `json:"fromMs"` // the part that was looked at, since the start
	ToMs   int64  `json:"toMs"`
	Points int    `json:"points"` // equal parts of it of which the figure is known
	// Level is the figure at FromMs by the slope, in the unit of LevelUnit.
	Level     float64 `json:"level"`
	LevelUnit string  `json:"levelUnit"` // "bytes", "us" for microseconds, "%" for a share or "" for a number
	// Slope is the change in an hour; the real one is between Low and High with a probability
	// of 99.9 %. All are 0 when Course is TrendUnknown.
	Slope  float64     `json:"slope"`
	Low    float64     `json:"low"`
	High   float64     `json:"high"`
	Course TrendCourse `json:"course"`
	Reason string      `json:"reason,omitempty"` // why the course is unknown
}

// Units of slopes.
const (
	TrendShare  = "%/h"  // percent of the level in an hour
	TrendPoints = "pp/h" // percentage points in an hour
)

// TrendCourse says where a figure goes.
type TrendCourse string

// The courses of a figure.
const (
	TrendRising  TrendCourse = "rising"
	TrendFalling TrendCourse = "falling"
	TrendSteady  TrendCourse = "steady"  // it does not change by more than would matter
	TrendUnclear TrendCourse = "unclear" // the bounds are too far apart to say
	TrendUnknown TrendCourse = "unknown" // there are too few values
)

// TrendCourses lists all courses.
var TrendCourses = []TrendCourse{TrendRising, TrendFalling, TrendSteady, TrendUnclear, TrendUnknown}
