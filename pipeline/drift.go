package pipeline

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// drift says whether tonight's book still looks like the one the model was fitted on, and whether
// what was expected a month ago has happened. It is the manifest's section drift.
type drift struct {
	// Features compare tonight's open items with the landmarks of the model's training: the
	// population stability index, and the limit above which it is more than chance and taste.
	Features []shift `json:"features"`
	Score    shift   `json:"score"` // P(paid within 30 days)
	// Calibration compares expected and observed payments within 30 days, of the items open on the latest
	// landmark date that is 30 days past.
	Since       string        `json:"calibration_since,omitempty"`
	Calibration []calibration `json:"calibration"`
	Alarms      int           `json:"alarms"`
}

// shift is the stability index of one feature. Customers counts those behind tonight's and the
// training's values: the items of one customer move together, so they, not the items, are the sample.
type shift struct {
	Name   string  `json:"name"`
	PSI    float64 `json:"psi"`
	Limit  float64 `json:"limit"`
	Bins   int     `json:"bins"`
	Alarm  bool    `json:"alarm"`
	Common float64 `json:"overlap"` // share of the two distributions that they have in common
}

// calibration is observed and expected payments of a group of items.
type calibration struct {
	By       string   `json:"by"` // all, bucket or segment
	Group    string   `json:"group"`
	Items    int      `json:"items"`
	Observed float64  `json:"observed"`
	Expected float64  `json:"expected"`
	Ratio    float64  `json:"observed_over_expected"`
	Z        *float64 `json:"z,omitempty"` // (O-E) / sqrt(sum of p(1-p)); absent where every p is 0 or 1
	Alarm    bool     `json:"alarm"`
}

// The limits (methods 5).
const (
	psiFloor     = .10
	psiChance    = .99
	driftRatio   = .15 // of |ln O/E|
	driftZ       = 3
	driftSample  = 50000 // landmarks, evenly taken, behind the index
	driftHorizon = 30
)

// driftFeatures are the features looked at. NaN is missing, which is a bin of its own.
var driftFeatures = [...]struct {
	name  string
	value func(l *hazard.Landmark) float64
}{
	{"days_past_due", func(l *hazard.Landmark) float64 { return float64(l.Date - l.Due) }},
	{"terms", func(l *hazard.Landmark) float64 { return float64(l.Due - l.Issue) }},
	{"amount", func(l *hazard.Landmark) float64 { return l.Open }},
	{"days_late", func(l *hazard.Landmark) float64 { return l.Past.LateMean }},
	{"late_share", func(l *hazard.Landmark) float64 { return l.Past.LateShare }},
	{"settled", func(l *hazard.Landmark) float64 { return float64(l.Past.Settled) }},
	{"open_overdue", func(l *hazard.Landmark) float64 { return float64(l.Past.OpenOverdue) }},
	{"utilization", func(l *hazard.Landmark) float64 { return l.Past.Utilization }},
	{"promises_broken", func(l *hazard.Landmark) float64 { return float64(l.Past.Broken) }},
	{"since_contact", func(l *hazard.Landmark) float64 { return float64(l.Past.SinceContact) }},
	{"month_end_share", func(l *hazard.Landmark) float64 { return float64(l.Past.PayMonthEnd) }},
	{"bureau_score", func(l *hazard.Landmark) float64 { return l.Past.Bureau }},
}

// measureDrift looks at tonight's open items beside the landmarks, before those are dropped.
func (n *night) measureDrift() error {
	d := &drift{Features: []shift{}, Calibration: []calibration{}}
	n.drift = d
	then, thenCustomers := n.trainingSample()
	now, nowCustomers, err := n.openSample(driftSample)
	if err != nil || len(then) == 0 || len(now) == 0 {
		return err
	}
	shifts := make([]shift, len(driftFeatures)+1)
	err = n.inParallel(len(shifts), func(_, i int) error {
		name, value := "p_paid_30", func(l *hazard.Landmark) float64 { // the longest comes first
			curve := n.curve(l)
			return curve.Paid(driftHorizon)
		}
		if i > 0 {
			name, value = driftFeatures[i-1].name, driftFeatures[i-1].value
		}
		shifts[i] = stabilityIndex(valuesOf(then, value), valuesOf(now, value), thenCustomers, float64(nowCustomers))
		shifts[i].Name = name
		return nil
	})
	for _, s := range shifts {
		if s.Alarm {
			d.Alarms++
		}
	}
	d.Score, d.Features = shifts[0], shifts[1:]
	n.calibrationDrift(d)
	return err
}

func valuesOf(ls []*hazard.Landmark, value func(*hazard.Landmark) float64) []float64 {
	out := make([]float64, len(ls))
	for i, l := range ls {
		out[i] = value(l)
	}
	return out
}

// openSample is about so many of tonight's open items, evenly taken, and the number of customers who have any. Of a large book most
// customers have none in it, and are not decoded.
func (n *night) openSample(most int) (sample []*hazard.Landmark, customers int, err error) {
	pages, with := make([][]*hazard.Landmark, n.pages()), make([]int, n.pages())
	from, total := make([]int, len(pages)), 0 // open items before each page
	for i := range n.book.pages {
		from[i] = total
		total += n.book.pages[i].items
	}
	step := total/most + 1
	readers := make([]reader, n.workers)
	err = n.inParallel(len(pages), func(worker, page int) error {
		r, at := &readers[worker], from[page]
		r.night = n
		return r.pick(page, func(items int) bool {
			if items > 0 {
				with[page]++
			}
			first := (at + step - 1) / step * step // of the sample
			at += items
			return first < at
		}, func(c *customer) {
			pages[page] = sampleItems(c, at-int(c.OpenItems), step, pages[page])
		})
	})
	for _, k := range with {
		customers += k
	}
	return slices.Concat(pages...), customers, err
}

// sampleItems appends every step-th open item, the customer's first being number at.
func sampleItems(c *customer, at, step int, out []*hazard.Landmark) []*hazard.Landmark {
	var past *hazard.Past // of its own: the reader's is for the next
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 {
			continue
		}
		if at%step == 0 {
			l := it.AsLandmark()
			if past == nil {
				copied := *l.Past
				past = &copied
			}
			l.Past = past
			out = append(out, &l)
		}
		at++
	}
	return out
}

// trainingSample is landmarks of the training, evenly taken, and the number of customers on an
// average date among them.
func (n *night) trainingSample() (sample []*hazard.Landmark, customers float64) {
	dates, pasts := map[int32]bool{}, map[*hazard.Past]bool{}
	all := make([]*hazard.Landmark, len(n.landmarks))
	for i := range n.landmarks {
		l := &n.landmarks[i]
		all[i] = l
		dates[l.Date] = true
		pasts[l.Past] = true
	}
	return every(all, driftSample), float64(len(pasts)) / max(1, float64(len(dates)))
}

// every takes at most limit of a list, evenly.
func every[T any](list []T, limit int) []T {
	step := len(list)/limit + 1
	if step == 1 {
		return list
	}
	var out []T
	for i := 0; i < len(list); i += step {
		out = append(out, list[i])
	}
	return out
}

// stabilityIndex is sum of (q-p) ln(q/p) over the tenths of the baseline, with half a count added to
// every bin. Without any change it is about (1/N+1/M) times a chi-square variable with a degree of
// freedom less than bins; beyond that variable's 99 % point, and beyond .10, it is an alarm
// (Yurdakul and Naranjo, Journal of Risk Model Validation 14, 2020).
func stabilityIndex(then, now []float64, thenCustomers, nowCustomers float64) shift {
	known := slices.DeleteFunc(slices.Clone(then), math.IsNaN)
	slices.Sort(known)
	var edges []float64
	for k := 1; k < 10 && len(known) > 0; k++ {
		if e := known[k*len(known)/10]; e > known[0] && (len(edges) == 0 || e > edges[len(edges)-1]) {
			edges = append(edges, e)
		}
	}
	bins := len(edges) + 2 // the last is for what is missing
	p, q := binned(then, edges, bins), binned(now, edges, bins)
	s := shift{}
	for b := range bins {
		if p[b] == 0 && q[b] == 0 {
			continue
		}
		s.Bins++
	}
	if s.Bins < 2 {
		s.Common, s.Limit = 1, psiFloor
		return s
	}
	for b := range bins {
		if p[b] == 0 && q[b] == 0 {
			continue
		}
		x := (p[b] + .5) / (float64(len(then)) + float64(float64(s.Bins)/2))
		y := (q[b] + .5) / (float64(len(now)) + float64(float64(s.Bins)/2))
		s.PSI += float64((y - x) * math.Log(y/x))
		s.Common += min(x, y)
	}
	chance := distuv.ChiSquared{K: float64(s.Bins - 1)}.Quantile(psiChance)
	s.Limit = max(psiFloor, float64((1/max(1, thenCustomers)+1/max(1, nowCustomers))*chance))
	s.Alarm = s.PSI > s.Limit
	return s
}

func binned(values, edges []float64, bins int) []float64 {
	counts := make([]float64, bins)
	for _, v := range values {
		if v != v {
			counts[bins-1]++
			continue
		}
		at, found := slices.BinarySearch(edges, v)
		if found {
			at++
		}
		counts[at]++
	}
	return counts
}

// calibrationDrift compares with what happened to the items of the latest date that has matured.
func (n *night) calibrationDrift(d *drift) {
	date := int32(math.MinInt32)
	for i := range n.landmarks {
		if at := n.landmarks[i].Date; at > date && at <= int32(n.asOf)-driftHorizon {
			date = at
		}
	}
	if date == math.MinInt32 {
		return
	}
	d.Since = scoring.Day(date).String()
	var all tally
	buckets := make([]tally, len(bucketNames))
	segments := make([]tally, len(n.segments))
	for i := range n.landmarks {
		l := &n.landmarks[i]
		paid := l.Paid && l.Follow <= driftHorizon
		if l.Date != date || l.Follow < driftHorizon && !paid {
			continue
		}
		curve := n.curve(l)
		p := curve.Paid(driftHorizon)
		for _, to := range []*tally{&all, &buckets[monthsPastDue(l.Date-l.Due)], &segments[l.Group]} {
			to.add(p, paid)
		}
	}
	d.note("all", "", &all)
	for i := range buckets {
		d.note("bucket", bucketNames[i], &buckets[i])
	}
	order := make([]int, len(n.segments))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if n.segments[a] < n.segments[b] {
			return -1
		}
		return 1
	})
	for _, i := range order {
		if n.segments[i] != "" {
			d.note("segment", n.segments[i], &segments[i])
		}
	}
}

// monthsPastDue is the aging bucket of days past due: 0 is not due, 5 over 120 days.
func monthsPastDue(days int32) int { return int(min(max(days, 0)+29, 179) / 30) }

// tally is observed and expected payments being counted.
type tally struct {
	n                            int
	observed, expected, variance float64
}

func (t *tally) add(p float64, paid bool) {
	t.n++
	t.expected += p
	t.variance += float64(p * (1 - p))
	if paid {
		t.observed++
	}
}

// note adds a group that has items.
func (d *drift) note(by, group string, t *tally) {
	if t.n == 0 || t.expected <= 0 {
		return
	}
	c := calibration{By: by, Group: group, Items: t.n, Observed: t.observed, Expected: t.expected, Ratio: t.observed / t.expected}
	if t.variance > 0 {
		z := (t.observed - t.expected) / math.Sqrt(t.variance)
		c.Z = &z
		c.Alarm = math.Abs(z) > driftZ && !(math.Abs(math.Log(c.Ratio)) <= driftRatio)
	}
	if c.Alarm {
		d.Alarms++
	}
	d.Calibration = append(d.Calibration, c)
}

// segmentLabels numbers the segments of customers, so that a landmark can carry its own in two
// bytes. Segments past the first 65,535 share the number of customers without one, 0.
type segmentLabels struct {
	names []string
	at    map[string]uint16
}

func (s *segmentLabels) label(name string) uint16 {
	if s.at == nil {
		s.names, s.at = []string{""}, map[string]uint16{"": 0}
	}
	at, met := s.at[name]
	if !met && len(s.names) < math.MaxUint16 {
		name = strings.Clone(name)
		at = uint16(len(s.names))
		s.names = append(s.names, name)
		s.at[name] = at
	}
	return at
}

// put labels the landmarks of one customer.
func (s *segmentLabels) put(segment string, ls []hazard.Landmark) {
	label := s.label(segment)
	for i := range ls {
		ls[i].Group = label
	}
}

// take gives landmarks that carry the labels of another list those of this one.
func (s *segmentLabels) take(o *segmentLabels, ls []hazard.Landmark) []hazard.Landmark {
	to := s.renumber(o)
	for i := range ls {
		ls[i].Group = to[ls[i].Group]
	}
	return ls
}

// renumber is the label here of every label of another list.
func (s *segmentLabels) renumber(o *segmentLabels) []uint16 {
	s.label("")
	to := make([]uint16, len(o.names))
	for i, name := range o.names {
		to[i] = s.label(name)
	}
	return to
}
