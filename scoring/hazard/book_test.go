package hazard

import (
	"math"
	"testing"
)

func TestBookHoldsTheRowsOfTheFit(t *testing.T) {
	ls, life := firm(60, 80, 8, 20, monday)
	m := fit(t, ls, life, Settings{Cut: monday, MinEvents: 1 << 30})
	b, err := OpenBook(ls, life, nil, nil, Settings{Cut: monday})
	if err != nil {
		t.Fatal(err)
	}
	training, logRate := b.Training()
	training.Ridge = m.Training.Ridge
	if training.Payments = m.Training.Payments; training != m.Training || logRate != m.LogRate || *b.Pooled() != m.Pooled || b.Peers() != m.Peers {
		t.Errorf("book %+v, fit %+v", training, m.Training)
	}
	rows, paid := 0, 0
	for i := range b.Blocks() {
		if b.First(i) != rows {
			t.Errorf("block %d begins at row %d, not %d", i, b.First(i), rows)
		}
		b.Block(i, func(row *Row) {
			rows++
			if row.Paid {
				paid++
			}
		})
	}
	if rows != b.Rows() || rows != m.Training.Rows || paid != m.Training.Events {
		t.Errorf("%d rows with %d payments, the fit has %d with %d", rows, paid, m.Training.Rows, m.Training.Events)
	}
	// The pooled model in terms of a row: the slope of the frailty is 1.
	term := m.Terms[0]
	got := b.Calibrate(func(row *Row) float64 { return m.Intercept + row.Values[numFrailty] - term.Mean })
	if got.Rows != m.Calibration.Rows || got.Observed != m.Calibration.Observed || math.Abs(got.Factor-m.Calibration.Factor) > 1e-12 {
		t.Errorf("calibration by rows %+v, of the model %+v", got, m.Calibration)
	}
	for i, bucket := range got.Buckets {
		if want := m.Calibration.Buckets[i]; bucket.Observed != want.Observed || math.Abs(bucket.Expected-want.Expected) > 1e-9*(1+want.Expected) {
			t.Errorf("bucket %+v, of the model %+v", bucket, want)
		}
	}
}

func TestWalkGivesTheCurveOfThePooledModel(t *testing.T) {
	ls, life := firm(61, 60, 8, 10, monday)
	cal := holidays()
	m := fit(t, ls, life, Settings{Cut: monday, MinEvents: 1 << 30})
	for i := range ls[:200] {
		var row Row
		var cum [Intervals]float64
		w := m.Pooled.Walk(&ls[i], cal, &row)
		sum := 0.0
		for w.Next(&row) {
			sum += row.Hazard(m.Intercept + row.Values[numFrailty] - m.Terms[0].Mean + math.Log(m.Calibration.Factor))
			cum[row.Interval] = sum
		}
		got, want := w.Curve(&cum), m.Curve(&ls[i], cal)
		for _, day := range []int32{1, 3, 5, 17, 30, 100, 200} {
			if a, b := got.Hazard(day), want.Hazard(day); math.Abs(a-b) > 1e-12*(1+b) {
				t.Fatalf("landmark %d: hazard %v by day %d, of the model %v", i, a, day, b)
			}
		}
	}
}

func TestLifeOfLandmarksCountsEachDayOnce(t *testing.T) {
	ls, _ := firm(62, 40, 6, 12, monday)
	const cut = monday - 20
	// The outcomes after the cut are not used: counted here day by day.
	want := new(LifeTable)
	for i := range ls {
		l := &ls[i]
		for day := l.Date + 1; day <= min(l.Date+7, cut) && day <= l.Date+l.Follow; day++ {
			if weekday(day) < 5 {
				want.Exposed[AgeBin(day-l.Due)]++
				want.ExposedDue[weekday(l.Due)][AgeBin(day-l.Due)]++
			}
			if l.Paid && day == l.Date+l.Follow {
				want.Paid[AgeBin(day-l.Due)]++
				want.PaidDue[weekday(l.Due)][AgeBin(day-l.Due)]++
			}
		}
	}
	if got := LifeOf(ls, nil, cut); *got != *want {
		t.Errorf("paid %v over %v, day by day %v over %v", got.Paid, got.Exposed, want.Paid, want.Exposed)
	}
	if got := LifeOf(nil, nil, cut); *got != (LifeTable{}) {
		t.Errorf("life table of nothing: %+v", got)
	}
}

func TestColumnsHaveNamesAndFamiliesOnce(t *testing.T) {
	seen := map[string]bool{}
	for i, c := range Columns() {
		if c.Name == "" || seen[c.Name] || c.Family >= Families {
			t.Errorf("column %d: %+v", i, c)
		}
		seen[c.Name] = true
	}
}

func TestOutcomeIsKnownOnceTheDaysHavePassed(t *testing.T) {
	for _, c := range []struct {
		follow   int32
		paid     bool
		cut      int32
		want, ok bool
	}{
		{10, true, 30, true, true}, {30, true, 30, true, true}, {31, true, 40, false, true}, {30, false, 30, false, true},
		{10, false, 40, false, false}, {10, true, 29, true, false},
	} {
		l := Landmark{Follow: c.follow, Paid: c.paid}
		if paid, ok := l.Outcome(c.cut, 30); ok != c.ok || ok && paid != c.want {
			t.Errorf("%+v: paid %v, known %v", c, paid, ok)
		}
	}
}
