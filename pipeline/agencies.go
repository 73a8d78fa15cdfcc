package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
	"kaishu/scoring/effect"
	"kaishu/scoring/hazard"
	"kaishu/scoring/treatment"
)

// placing is what one agency did with what it was given.
type placing struct {
	name       string
	configured bool    // it is in reviews.agencies
	fee        float64 // NaN where it is not
	effect.Recovery
	placements   []effect.Placement
	items        int
	amount, came float64 // units of the reporting currency: placed, and recovered so far
}

// bandEnds are the days past due before which the bands of the base end; the last has no end.
var bandEnds = [...]int32{181, 366, math.MaxInt32}

// band is the band of an item.
func band(l *hazard.Landmark) int {
	return slices.IndexFunc(bandEnds[:], func(end int32) bool { return l.Date-l.Due < end })
}

// placings are all agencies: those of the configuration in its order, then others by name.
type placings struct {
	list []placing
	base [len(bandEnds)]float64 // by how much more than the model expects is paid of such items that were not placed, by age
	from int32                  // days past due from which on items count as placed
	all  []effect.Placement     // of all agencies: what they are compared on
}

// of is what is known of an agency; nil without.
func (p *placings) of(name string) *placing {
	if p == nil {
		return nil
	}
	if i := slices.IndexFunc(p.list, func(a placing) bool { return a.name == name }); i >= 0 {
		return &p.list[i]
	}
	return nil
}

// placedFrom is the least age for which some agency's results are configured, in days past due: younger items of an account are not
// what is placed.
func (n *night) placedFrom() int32 {
	from := int32(math.MaxInt32)
	for _, a := range n.cfg.Reviews.Agencies {
		if len(a.Recovery) > 0 {
			from = min(from, int32(a.Recovery[0].Days))
		}
	}
	if from == math.MaxInt32 {
		return 1
	}
	return max(from, 1)
}

// learnAgencies compares what came of accounts that were placed with what the night's model expects of the same items
// over the same days without a placement.
func (n *night) learnAgencies(windows []scoring.Window) {
	n.placed = nil
	if n.cfg.Learning.Agencies == config.LearnOff || len(windows) == 0 && len(n.cfg.Reviews.Agencies) == 0 {
		return
	}
	slices.SortFunc(windows, func(a, b scoring.Window) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Items[0].Key, b.Items[0].Key))
	})
	p := &placings{from: n.placedFrom()}
	believed := map[string]*treatment.Agency{}
	for _, a := range n.agencies() {
		believed[a.Name] = &a
		p.list = append(p.list, placing{name: a.Name, configured: true, fee: a.Fee})
	}
	for i := range windows {
		if name := windows[i].Agency; believed[name] == nil {
			believed[name] = &treatment.Agency{}
			p.list = append(p.list, placing{name: name, fee: nan})
		}
	}
	others := p.list[len(n.cfg.Reviews.Agencies):]
	slices.SortFunc(others, func(a, b placing) int { return cmp.Compare(a.name, b.name) })
	for i := range windows {
		w := &windows[i]
		w.Items = slices.DeleteFunc(w.Items, func(l hazard.Landmark) bool { return l.Date-l.Due < p.from })
	}
	windows = slices.DeleteFunc(windows, func(w scoring.Window) bool { return len(w.Items) == 0 })
	var controls [len(bandEnds)][]effect.Placement
	if len(windows) > 0 {
		controls = n.unplaced(windows, p.from)
	}
	for k, controls := range controls {
		p.base[k] = effect.Recover(controls, n.cfg.Learning.Kappa).Multiplier
	}
	for i := range windows {
		w := &windows[i]
		p.of(w.Agency).add(n, w, believed[w.Agency], &p.base)
	}
	for i := range p.list {
		a := &p.list[i]
		a.Recovery = effect.Recover(a.placements, n.cfg.Learning.Kappa)
		p.all = append(p.all, a.placements...)
	}
	n.placed = p
}

// unplacedAccounts is the most accounts behind the base that placements are compared with.
const unplacedAccounts = 5_000

// unplaced are accounts of the past with items as old as what is placed, as if they had been: with what the model expects of them until
// they were placed, or for as long as a placement is followed. The model is right over all items and the near future; these are old,
// are followed for long, and count by account and band of age.
func (n *night) unplaced(windows []scoring.Window, from int32) (controls [len(bandEnds)][]effect.Placement) {
	eves := map[uint64][]int32{} // of placements, by customer
	for i := range windows {
		l := &windows[i].Items[0]
		eves[l.Customer] = append(eves[l.Customer], l.Date)
	}
	type account struct {
		customer uint64
		date     int32
		band     int
	}
	at := map[account]int{}
	for i := range n.landmarks { // in the order of their keys
		l := &n.landmarks[i]
		age := int32(n.asOf) - l.Date
		if l.Date-l.Due < from || age%hazard.CameDays != 0 || l.Disputed {
			continue
		}
		days := min(scoring.PlacedDays, age)
		for _, eve := range eves[l.Customer] {
			if l.Date < eve {
				days = min(days, eve-l.Date)
			} else if l.Date-eve < scoring.PlacedDays {
				days = 0
			}
		}
		if days == 0 {
			continue
		}
		of := account{l.Customer, l.Date, band(l)}
		list := &controls[of.band]
		k, met := at[of]
		if !met {
			if k = len(*list); k == unplacedAccounts {
				continue
			}
			at[of] = k
			*list = append(*list, nil)
		}
		one := effect.Placed{Share: l.Open}
		if l.Paid && l.Follow <= days {
			one.Came = 1
		} else {
			days = min(days, l.Follow)
		}
		curve := n.curve(l)
		one.Hazard = curve.Hazard(days)
		(*list)[k] = append((*list)[k], one)
	}
	least := usualLeast(windows)
	for k, list := range controls {
		controls[k] = slices.DeleteFunc(list, func(c effect.Placement) bool {
			total := 0.0
			for i := range c {
				total += c[i].Share
			}
			for i := range c {
				c[i].Share /= total
			}
			return total < least
		})
	}
	return controls
}

// usualLeast is what 19 of 20 placements are worth at least: less is not placed, and is often a residue that is owed by nobody.
func usualLeast(windows []scoring.Window) float64 {
	if len(windows) == 0 {
		return 0
	}
	worth := make([]float64, len(windows))
	for i := range windows {
		for k := range windows[i].Items {
			worth[i] += windows[i].Items[k].Open
		}
	}
	slices.Sort(worth)
	return worth[len(worth)/20]
}

// add counts one placement. Its time begins with the day after, so that what is left of the hazard is that of items that were
// open then.
func (p *placing) add(n *night, w *scoring.Window, believed *treatment.Agency, base *[len(bandEnds)]float64) {
	total := 0.0
	for i := range w.Items {
		total += w.Items[i].Open
	}
	if !(total > 0) {
		return
	}
	// That we take an account back says nothing of the agency, and its time ends there. That all is paid, or that it gives
	// up, does: it had the rest of its time to recover no more.
	over := w.GaveUp || !slices.ContainsFunc(w.Items, func(l hazard.Landmark) bool { return !l.Paid })
	var placement effect.Placement
	for i := range w.Items {
		l := &w.Items[i]
		curve := n.curve(l)
		until := min(scoring.PlacedDays, int32(w.Until)-l.Date)
		days := until
		if over {
			days = min(scoring.PlacedDays, int32(n.asOf)-l.Date)
		}
		if !l.Paid && l.Follow < until {
			days = l.Follow // credited, or written off
		}
		ahead := func(days int32) float64 {
			return base[band(l)] * curve.Factor() * max(0, curve.Hazard(days)-curve.Hazard(1))
		}
		placement = append(placement, effect.Placed{Share: l.Open / total, Hazard: ahead(days), Whole: ahead(scoring.PlacedDays),
			Came: float64(l.Came), Before: believed.Believed(l.Date - l.Due)})
		p.came += float64(l.Open * float64(l.Came))
	}
	p.placements = append(p.placements, placement)
	p.items += len(w.Items)
	p.amount += total
}

// mean is the mean of a figure of placements, NaN without any.
func mean(placements []effect.Placement, of func(p effect.Placement) float64) float64 {
	sum := 0.0
	for _, p := range placements {
		sum += of(p)
	}
	return sum / float64(len(placements))
}

// recovers is the share that an agency with a multiplier would recover, within scoring.PlacedDays, of all that was placed with whomever.
func (p *placings) recovers(m float64) float64 {
	return mean(p.all, func(p effect.Placement) float64 { return p.ExpectWhole(m) })
}

// netOf is what an agency leaves, after its fee, of a unit of the items of an account whose debt is so many days old.
func (n *night) netOf(c *customer, age int32, a *treatment.Agency) float64 {
	if a.Weight == 0 {
		return a.Net(age, 0)
	}
	sum, total, at := 0.0, 0.0, 0
	curves := n.curves(c, nil)
	for k := range c.Items {
		it := &c.Items[k]
		if it.Open <= 0 {
			continue
		}
		if it.PastDue > 0 {
			w := float64(it.OpenBase)
			sum += float64(w * a.Net(age, curves[at].Factor()*curves[at].Hazard(scoring.PlacedDays)))
			total += w
		}
		at++
	}
	if total == 0 {
		return a.Net(age, 0)
	}
	return sum / total
}

// agencyColumns are the columns of agencies.parquet.
func agencyColumns() []table.OutColumn {
	long := func(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutInt} }
	flag := func(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutBool} }
	return []table.OutColumn{
		str("agency"), flag("configured"), odbl("fee"), long("placements"), long("items"), dbl("placed_amount"), dbl("recovered_amount"),
		odbl("recovered"), odbl("expected_without"), dbl("multiplier"), dbl("multiplier_low"), dbl("multiplier_high"), odbl("multiplier_configured"),
		odbl("recovery_configured"), odbl("same_recovery"), odbl("same_without"), odbl("same_net"), odbl("same_net_low"), odbl("same_net_high"),
		dbl("weight"), flag("used"), str("caveat"),
	}
}

// fillAgencies writes what agencies did with what they were given.
func (n *night) fillAgencies(s *sheet, full func() error) error {
	p := n.placed
	for i := range p.list {
		a := &p.list[i]
		left := 1 - a.fee
		configured, recovery := nan, nan
		if len(a.placements) > 0 {
			recovery = mean(a.placements, func(p effect.Placement) float64 {
				sum := 0.0
				for i := range p {
					sum += float64(p[i].Share * p[i].Before)
				}
				return sum
			})
		}
		if recovery > 0 {
			configured = a.Before
		} else {
			recovery = nan
		}
		s.text(a.name).bool(a.configured).share(a.fee).long(int64(len(a.placements))).long(int64(a.items)).share(a.amount).share(a.came).
			share(mean(a.placements, effect.Placement.Came)).share(mean(a.placements, func(p effect.Placement) float64 { return p.Expect(1) })).
			share(a.Multiplier).share(a.Low).share(a.High).share(configured).share(recovery).
			share(p.recovers(a.Multiplier)).share(p.recovers(1)).share(left * p.recovers(a.Multiplier)).share(left * p.recovers(a.Low)).share(left * p.recovers(a.High)).
			share(a.Weight).bool(a.configured && n.cfg.Learning.Agencies == config.LearnOn).text(biased).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// agencyJSON is one agency in run.json.
type agencyJSON struct {
	Agency     string   `json:"agency"`
	Configured bool     `json:"configured"`
	Placements int      `json:"placements"`
	Multiplier float64  `json:"multiplier"`
	Low        float64  `json:"low"`
	High       float64  `json:"high"`
	Net        *float64 `json:"same_net"` // of a unit of all that was placed
	Weight     float64  `json:"weight"`
}

// agencySection is what run.json says of agencies, in its section learning.
func (n *night) agencySection() map[string]any {
	list := []agencyJSON{}
	unknown := []string{}
	for i := range n.placed.list {
		a := &n.placed.list[i]
		list = append(list, agencyJSON{a.name, a.configured, len(a.placements), a.Multiplier, a.Low, a.High, maybe((1 - a.fee) * n.placed.recovers(a.Multiplier)), a.Weight})
		if !a.configured {
			unknown = append(unknown, a.name)
		}
	}
	return map[string]any{"mode": n.cfg.Learning.Agencies, "basis": biased, "base_correction": n.placed.base, "agencies": list, "not_configured": unknown}
}

// printAgencies says what agencies have done, and which of them the configuration does not know.
func (n *night) printAgencies(w io.Writer) {
	if n.placed == nil || len(n.placed.all) == 0 {
		return
	}
	v := n.voc()
	use := v.say(placedUnused, "reviews.agencies")
	if n.cfg.Learning.Agencies == config.LearnOn {
		use = v.say(placedUsed)
	}
	fmt.Fprintln(w, v.say(placedOnRecord, len(n.placed.all), v.say(learnedBiased), use))
	for i := range n.placed.list {
		a := &n.placed.list[i]
		if !a.configured {
			fmt.Fprintln(w, " ", v.say(placedUnknown, a.name, len(a.placements), "reviews.agencies"))
			continue
		}
		left := 1 - a.fee
		fmt.Fprintln(w, " ", v.say(placedNet, a.name, len(a.placements),
			v.share(left*n.placed.recovers(a.Multiplier), 0), v.share(left*n.placed.recovers(a.Low), 0), v.share(left*n.placed.recovers(a.High), 0), v.share(n.placed.recovers(1), 0)))
	}
}
