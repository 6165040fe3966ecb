package words

import (
	"math"
	"testing"
)

func TestMicroseconds(t *testing.T) {
	tests := map[int64]string{
		0: "0 µs", 1: "1 µs", 999: "999 µs", 1000: "1.00 ms", 1234: "1.23 ms", 9994: "9.99 ms", 9996: "10.0 ms", 99_949: "99.9 ms",
		99_960: "100 ms", 999_499: "999 ms", 999_500: "1.00 s", 1_500_000: "1.50 s", 61_000_000: "61.0 s", -250: "-250 µs", -2500: "-2.50 ms",
	}
	for us, want := range tests {
		if got := Microseconds(us); got != want {
			t.Errorf("%d: got %q, want %q", us, got, want)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	tests := map[float64]string{
		0: "0 ms", 0.25: "0.25 ms", 3.1: "3.10 ms", 12.34: "12.3 ms", 250: "250 ms", 999.4: "999 ms", 999.5: "1.000 s", 10_262.3: "10.262 s", -40: "-40.0 ms",
	}
	for ms, want := range tests {
		if got := Milliseconds(ms); got != want {
			t.Errorf("%v: got %q, want %q", ms, got, want)
		}
	}
}

func TestRunTime(t *testing.T) {
	tests := map[int64]string{
		0: "0 ms", 999: "999 ms", 1000: "1.0 s", 15_934: "15.9 s", 59_999: "59.9 s", 60_000: "1 min 0 s", 3_599_999: "59 min 59 s", 3_600_000: "1 h 0 min", 7_500_000: "2 h 5 min",
	}
	for ms, want := range tests {
		if got := RunTime(ms); got != want {
			t.Errorf("%d: got %q, want %q", ms, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	tests := map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 123_456: "123,456", 1_234_567: "1,234,567", -1: "-1", -123: "-123", -1000: "-1,000", math.MinInt64: "-9,223,372,036,854,775,808",
	}
	for n, want := range tests {
		if got := Grouped(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestByteSize(t *testing.T) {
	tests := map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "0.98 KiB", 21_504: "21.0 KiB", 1 << 20: "1.00 MiB", 5 << 30: "5.00 GiB", 1 << 62: "4194304 TiB"}
	for n, want := range tests {
		if got := ByteSize(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestCommandLine(t *testing.T) {
	got := CommandLine([]string{"imcheck", "load", "--threshold", "login.p99<50ms", "", "it's", "udp=3S,tcp=5S", "$(x)"})
	if want := `imcheck load --threshold 'login.p99<50ms' '' 'it'\''s' udp=3S,tcp=5S '$(x)'`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
