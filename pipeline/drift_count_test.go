package pipeline

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"kaishu/fixtures"
	"kaishu/scoring"
	"kaishu/scoring/boost"
	"kaishu/scoring/hazard"
)

// chi99 are the 99 % points of chi-square variables with 1, 2, ... degrees of freedom, from a printed
// table (Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.8).
var chi99 = [...]float64{6.635, 9.210, 11.345, 13.277, 15.086, 16.812, 18.475, 20.090, 21.666, 23.209, 24.725}

// psiFromScratch is a stability index counted from scratch: every value is put beside every edge.
func psiFromScratch(then, now []float64) (psi float64, bins int) {
	var known []float64
	for _, v := range then {
		if v == v {
			known = append(known, v)
		}
	}
	slices.Sort(known)
	edges := map[float64]bool{}
	for tenth := 1; tenth <= 9 && len(known) > 0; tenth++ {
		if e := known[tenth*len(known)/10]; e > known[0] {
			edges[e] = true
		}
	}
	count := func(values []float64) map[int]float64 {
		in := map[int]float64{}
		for _, v := range values {
			at := 0
			for e := range edges {
				if v >= e {
					at++
				}
			}
			if v != v {
				at = -1
			}
			in[at]++
		}
		return in
	}
	p, q := count(then), count(now)
	for at := -1; at <= len(edges); at++ {
		if p[at]+q[at] > 0 {
			bins++
		}
	}
	for at := -1; at <= len(edges); at++ {
		if p[at]+q[at] > 0 {
			x, y := (p[at]+.5)/(float64(len(then))+float64(bins)/2), (q[at]+.5)/(float64(len(now))+float64(bins)/2)
			psi += (y - x) * math.Log(y/x)
		}
	}
	return psi, bins
}

// The section drift of run.json against counts from scratch: index and limit of every feature and of the
// score, O, E and z by bucket and by segment, the segments as the customers export has them.
func TestDriftIsWhatCountingFromScratchGives(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 120, Seed: 9, Slowdown: 4, SlowdownDays: 45})
	n, _ := fittedTrees(t, path, boost.Settings{Trees: 1})
	d := n.drift

	var now []*hazard.Landmark
	customersNow := 0.0
	for _, c := range decoded(t, n) {
		had := len(now)
		for k := range c.Items {
			if c.Items[k].Open > 0 {
				l := c.Items[k].AsLandmark()
				now = append(now, &l)
			}
		}
		if len(now) > had {
			customersNow++
		}
	}
	looks, dates := map[[2]uint64]bool{}, map[int32]bool{}
	for i := range n.landmarks {
		l := &n.landmarks[i]
		looks[[2]uint64{l.Customer, uint64(l.Date)}] = true
		dates[l.Date] = true
	}
	customersThen := float64(len(looks)) / float64(len(dates))
	paid30 := func(l *hazard.Landmark) float64 { c := n.model.Curve(l, n.days); return c.Paid(30) }
	check := func(got shift, value func(*hazard.Landmark) float64) {
		var a, b []float64
		for i := range n.landmarks {
			a = append(a, value(&n.landmarks[i]))
		}
		for _, l := range now {
			b = append(b, value(l))
		}
		psi, bins := psiFromScratch(a, b)
		limit := .1
		if bins > 1 {
			limit = max(.1, (1/customersThen+1/customersNow)*chi99[bins-2])
		} else {
			psi = 0
		}
		if math.Abs(got.PSI-psi) > 1e-12 || math.Abs(got.Limit-limit) > 1e-4*limit || got.Alarm != (psi > limit) || got.Bins != bins {
			t.Errorf("%+v; from scratch %v in %d bins, limit %v", got, psi, bins, limit)
		}
	}
	for i, f := range driftFeatures {
		check(d.Features[i], f.value)
	}
	check(d.Score, paid30)

	segment := map[uint64]string{}
	rows := readRows(t, filepath.Join(filepath.Dir(path), "customers.csv"))
	id, at := slices.Index(rows[0], "customer_id"), slices.Index(rows[0], "segment")
	for _, row := range rows[1:] {
		segment[scoring.CustomerHash(row[id])] = row[at]
	}
	type sums struct{ n, o, e, v float64 }
	want := map[[2]string]*sums{}
	since := int32(mustDay(t, d.Since))
	latest := int32(math.MinInt32)
	for i := range n.landmarks {
		l := &n.landmarks[i]
		if l.Date <= int32(n.asOf)-30 {
			latest = max(latest, l.Date)
		}
		if l.Date != since || !l.Paid && l.Follow < 30 {
			continue
		}
		bucket := "not_due"
		for _, b := range []struct {
			from int32
			name string
		}{{1, "1-30"}, {31, "31-60"}, {61, "61-90"}, {91, "91-120"}, {121, "over_120"}} {
			if l.Date-l.Due >= b.from {
				bucket = b.name
			}
		}
		for _, key := range [][2]string{{"all", ""}, {"bucket", bucket}, {"segment", segmentOf(t, n, l, segment)}} {
			s := want[key]
			if s == nil {
				s = &sums{}
				want[key] = s
			}
			p := paid30(l)
			s.n++
			s.e += p
			s.v += p * (1 - p)
			if l.Paid && l.Follow <= 30 {
				s.o++
			}
		}
	}
	delete(want, [2]string{"segment", ""})
	if since != latest || len(d.Calibration) != len(want) || len(want) < 6 {
		t.Errorf("since %s; %d groups, from scratch %d", d.Since, len(d.Calibration), len(want))
	}
	for _, c := range d.Calibration {
		s := want[[2]string{c.By, c.Group}]
		if s == nil {
			t.Errorf("no %s %s from scratch", c.By, c.Group)
			continue
		}
		z := (s.o - s.e) / math.Sqrt(s.v)
		alarm := math.Abs(z) > 3 && (s.o == 0 || math.Abs(math.Log(s.o/s.e)) > .15)
		if float64(c.Items) != s.n || c.Observed != s.o || math.Abs(c.Expected-s.e) > 1e-9 || math.Abs(c.Ratio-s.o/s.e) > 1e-9 || math.Abs(*c.Z-z) > 1e-9 || c.Alarm != alarm {
			t.Errorf("%+v, from scratch %+v, z %v", c, *s, z)
		}
	}
}

// segmentOf finds the customer of a landmark by the hash of its id, which the landmark has scrambled
// (the finalizer of SplitMix64).
func segmentOf(t *testing.T, n *night, l *hazard.Landmark, segments map[uint64]string) string {
	t.Helper()
	for _, c := range decoded(t, n) {
		hash := scoring.CustomerHash(c.Customer)
		v := (hash ^ hash>>30) * 0xbf58476d1ce4e5b9
		v = (v ^ v>>27) * 0x94d049bb133111eb
		if v^v>>31 == l.Customer {
			return segments[hash]
		}
	}
	t.Fatalf("no customer has the hash %x", l.Customer)
	return ""
}

// What the customers export says beside the ledger, the outside score above all, moves both models;
// without the column it moves neither.
func TestOutsideColumnsEnterBothModels(t *testing.T) {
	path := generatedExports(t, fixtures.Options{Customers: 60, Seed: 4})
	moved := func(n *night, m scorer, change func(*hazard.Past)) (curves, reasons int) {
		for i := 0; i < len(n.landmarks); i += 97 {
			l := n.landmarks[i]
			past := *l.Past
			change(&past)
			other := l
			other.Past = &past
			a, b := m.Curve(&l, n.days), m.Curve(&other, n.days)
			if a.Paid(30) != b.Paid(30) {
				curves++
			}
			for _, r := range m.ReasonsOn(&l, n.days, nil) {
				if r.Family == hazard.Bureau && r.Effect != 0 {
					reasons++
				}
			}
		}
		return curves, reasons
	}
	score := func(p *hazard.Past) { p.Bureau = 100 - p.Bureau }
	n, trees := fittedTrees(t, path, boost.Settings{Trees: 60})
	for name, m := range map[string]scorer{"hazard": n.model, "trees": trees} {
		if curves, reasons := moved(n, m, score); curves == 0 || reasons == 0 {
			t.Errorf("%s: another outside score changes %d curves, and is a reason for %d", name, curves, reasons)
		}
		if curves, _ := moved(n, m, func(p *hazard.Past) { p.Utilization = 3 }); curves == 0 {
			t.Errorf("%s: a limit used threefold changes nothing", name)
		}
		if curves, _ := moved(n, m, func(p *hazard.Past) { p.Tenure = 1 }); curves == 0 {
			t.Errorf("%s: being new changes nothing", name)
		}
	}
	leakInto(t, filepath.Join(filepath.Dir(path), "customers.csv"), "bureau_score", func(string) string { return "" })
	n, trees = fittedTrees(t, path, boost.Settings{Trees: 60})
	for name, m := range map[string]scorer{"hazard": n.model, "trees": trees} {
		if curves, reasons := moved(n, m, func(p *hazard.Past) { p.Bureau = 50 }); curves+reasons > 0 {
			t.Errorf("%s: without the column an outside score changes %d curves, and is a reason for %d", name, curves, reasons)
		}
	}
}
