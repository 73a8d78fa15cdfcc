package hazard

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// runTable is the table of 2023 to 2026 with Monday to Friday and some holidays, and whether a day is
// a business day in it.
func runTable() (*RunDays, []int32, int32, func(day int32) bool) {
	first := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	from := int32(first.Unix() / 86400)
	holidays := map[int32]bool{from: true, from + 1: true, from + 2: true, from + 45: true, from + 730: true, from + 783: true}
	open := func(day int32) bool { return weekday(day) < 5 && !holidays[day] }
	var business []int32
	var months []int
	n := int32(0)
	for m := range 48 {
		end := first.AddDate(0, m+1, 0)
		days := int(end.Sub(first.AddDate(0, m, 0)).Hours() / 24)
		months = append(months, days)
	}
	for d := range int32(first.AddDate(0, 48, 0).Unix()/86400) - from {
		if open(from + d) {
			n++
		}
		business = append(business, n)
	}
	return NewRunDays(from, business, months), business, from, open
}

func civil(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// heldBy is the day of a slot's run in the month of a day, found by walking.
func heldBy(slot int, day int32, open func(int32) bool) int32 {
	y, m, _ := civil(day).Date()
	first := int32(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	last := int32(time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	end := last
	for !open(end) {
		end--
	}
	start := first
	for !open(start) {
		start++
	}
	if slot == lastRunSlot {
		return end
	}
	step, k := int32(1), int32(slot)
	if slot > lastRunSlot {
		step, k = -1, int32(slot-lastRunSlot)
	}
	held := min(first+k-1, last)
	for !open(held) {
		held += step
	}
	return min(max(held, start), end)
}

func TestRunDaysAreWhatWalkingTheCalendarFinds(t *testing.T) {
	r, business, from, open := runTable()
	for i := range business {
		day := from + int32(i)
		on := r.On(day)
		for slot := 1; slot < RunSlots; slot++ {
			want := heldBy(slot, day, open) == day
			if on>>slot&1 == 1 != want {
				t.Fatalf("%s, slot %d: %v", civil(day).Format(time.DateOnly), slot, !want)
			}
			before := r.upTo(uint8(slot), day-1)
			if got := r.upTo(uint8(slot), day) - before; i > 0 && got == 1 != want {
				t.Fatalf("%s, slot %d: %d runs", civil(day).Format(time.DateOnly), slot, got)
			}
		}
	}
	if r.On(from-1) != 0 || r.On(from+int32(len(business))) != 0 || (*RunDays)(nil).On(3) != 0 {
		t.Error("runs outside the table")
	}
	end := from + int32(len(business)) - 1
	if got := r.upTo(25, end+365) - r.upTo(25, end); got != 12 {
		t.Errorf("%d runs in the year after the table", got)
	}
	if got := r.upTo(25, from) - r.upTo(25, from-365); got != 12 {
		t.Errorf("%d runs in the year before the table", got)
	}
}

// payDays are the days on which pays says how many items are paid.
func payDays(r *RunDays, from int32, days int, pays func(day int32) float64) (out []PayDay) {
	for d := from; d < from+int32(days); d++ {
		if n := pays(d); n > 0 {
			out = append(out, PayDay{Weight: 1, Items: n, Slots: r.On(d), Week: weekday(d)})
		}
	}
	return out
}

func TestRunsOfAMonthlyPayerAreFound(t *testing.T) {
	r, _, from, open := runTable()
	for _, slots := range [][]int{{25}, {10, 25}, {31}, {lastRunSlot + 20}} {
		found := FindRuns(payDays(r, from, 700, func(d int32) float64 {
			for _, k := range slots {
				if heldBy(k, d, open) == d {
					return 4
				}
			}
			return 0
		}))
		got := map[int]float64{}
		total := 0.0
		for _, run := range found.Runs {
			got[int(run.Slot)] = float64(run.Share)
			total += float64(run.Share)
		}
		n := 23. // months in 700 days
		for _, k := range slots {
			all := n * float64(len(slots))
			if want := all / (all + 1) / float64(len(slots)); math.Abs(got[k]-want) > .03 {
				t.Errorf("runs %v: %v, want a share of %.3f on slot %d", slots, found.Runs, want, k)
			}
		}
		if total > 1 || found.Days > 1 {
			t.Errorf("runs %v: shares sum to %v, %v days outside", slots, total, found.Days)
		}
	}
}

// The share is one of items: a run of twenty among single payments is most of what is paid.
func TestRunShareGoesByItems(t *testing.T) {
	r, _, from, open := runTable()
	var items, days float64
	pay := payDays(r, from, 700, func(d int32) float64 {
		switch {
		case heldBy(25, d, open) == d:
			items, days = items+20, days+1
			return 20
		case open(d) && d%11 == 0:
			items, days = items+1, days+1
			return 1
		}
		return 0
	})
	got := FindRuns(pay).Runs[0]
	want := 23 * 20 / items * days / (days + 1)
	if got.Slot != 25 || math.Abs(float64(got.Share)-want) > .02 {
		t.Errorf("%+v, want slot 25 and a share of %.3f", got, want)
	}
}

func TestRandomPayersHaveNoRuns(t *testing.T) {
	r, _, from, open := runTable()
	random := rand.New(rand.NewPCG(5, 5))
	sum := 0.0
	const payers = 300
	for range payers {
		found := FindRuns(payDays(r, from, 700, func(d int32) float64 {
			if open(d) && random.Float64() < .1 {
				return 1
			}
			return 0
		}))
		for _, run := range found.Runs {
			sum += float64(run.Share)
		}
	}
	if mean := sum / payers; mean > .01 {
		t.Errorf("a mean share of %.4f in runs, want under .01", mean)
	}
	if got := FindRuns(nil); got != (Rhythm{}) {
		t.Errorf("no pay days: %+v", got)
	}
}

// The hazard of a customer who pays in runs is in the runs, on the day, and never falls.
func TestHazardOfARunPayerRisesOnTheRun(t *testing.T) {
	r, business, from, open := runTable()
	cal := &Calendar{First: from, Business: business, MonthEnd: make([]int32, len(business)), Runs: r}
	m := truth()
	m.Terms = []Term{{Name: "habit", Coefficient: 1, Scale: 1}, {Name: "habit_off", Coefficient: 1, Scale: 1}}
	if err := m.compile(); err != nil {
		t.Fatal(err)
	}
	past := Past{LateMean: math.NaN(), LateShare: math.NaN(), LogMean: math.NaN(), Utilization: math.NaN(), Bureau: math.NaN(), SinceContact: -1}
	past.Rhythm.Runs[0] = Run{25, .9}
	l := Landmark{Date: from + 400, Issue: from + 380, Due: from + 395, Open: 100, PromiseDue: -1, Past: &past}
	curve := m.Curve(&l, cal)
	on, off, runs := 0.0, 0.0, 0
	for d := int32(1); d <= 90; d++ {
		step := curve.Hazard(d) - curve.Hazard(d-1)
		if step < -1e-12 {
			t.Fatalf("day %d: the hazard falls by %v", d, -step)
		}
		switch {
		case !open(l.Date+d) && step > 1e-12:
			t.Errorf("day %d: a hazard of %v on a day that is no business day", d, step)
		case heldBy(25, l.Date+d, open) == l.Date+d:
			on += step
			runs++
		default:
			off += step
		}
	}
	if share := on / (on + off); runs != 3 || share < .85 || share > .95 {
		t.Errorf("%d runs hold %.3f of the hazard, want 3 and about .9", runs, share)
	}
	noTable := m.Curve(&l, &Calendar{First: from, Business: business, MonthEnd: cal.MonthEnd})
	for d := int32(1); d <= 7; d++ {
		if open(l.Date+d) != (noTable.Hazard(d) > noTable.Hazard(d-1)) {
			t.Errorf("day %d without a table of runs: not spread over the business days", d)
		}
	}
}
