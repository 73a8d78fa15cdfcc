package hazard

// Prospect fills into for a customer with a past, nil for one without history, seen from the date of ahead.
func (m *Model) Prospect(ahead *Ahead, past *Past, into *Prospect) {
	m.Pooled.Prospect(ahead, past, into)
	w, f := &m.scale, &into.terms
	into.predictor, into.effect = w.base, w.absent
	for i, x := range f.num {
		if i != numAmount && i != numRelative {
			into.add(itemNumeric[i].family, w.itemNum[i].at(x))
		}
	}
	for g, l := range f.level {
		if !ofItem[g] {
			into.add(itemGroup[g].family, w.itemLevel[g][l].slope)
		}
	}
}

// ofItem tells which groups of a landmark are about the item and not about its customer.
var ofItem = [itemGroups]bool{groupTerms: true, groupDisputed: true, groupBroken: true, groupDueDay: true}

// add adds a term.
func (p *Prospect) add(f Family, x float64) {
	p.predictor += x
	p.effect[f] += x
}

// Look is Curve of a landmark of the prospect's date and past, into c, and Reasons as far as their Effects go, 0 for a
// family without a term; where effects is nil nobody asks for them. Both agree with Curve and ReasonsOn to the
// last digits, since terms are added up in another order, and cost a third together: what is the customer's is
// there already, and the days ahead are walked once.
func (m *Model) Look(l *Landmark, p *Prospect, c *Curve, effects *[Families]float64) {
	e := p.effect
	predictor := p.predictor + m.own(l, p.past, &e)
	c.Part, c.walk, c.course = 0, walker{}, p.course(l)
	shared := p.shared
	shared.begin, shared.promise = c.course.begin, l.PromiseDue
	w, bin := &m.scale, c.course.bin(0)
	var exposure, rate [Intervals]float64
	var pd period
	var s stretch
	var next means
	for j := range c.Cum {
		pd.days, bin = c.course.stretch(j, bin, &s)
		pd.terms(j, &s, &shared)
		exposure[j], rate[j] = pd.exposure, -clamp(predictor+w.period(&pd), minPredictor, maxPredictor)
		if j < aheadIntervals && effects != nil {
			part := AheadShare(j)
			next.look(&pd, part)
			for g, l := range pd.level {
				e[periodGroup[g].family] += float64(part * w.periodLevel[g][l].slope)
			}
		}
	}
	Fade(rate[:]) // all at once, so that no interval waits for the exponential of the one before
	sum := 0.0
	for j := range c.Cum {
		sum += float64(exposure[j] * rate[j])
		c.Cum[j] = sum
	}
	if effects == nil {
		return
	}
	for i, x := range next.num {
		e[periodNumeric[i].family] += w.periodNum[i].at(x)
	}
	e[Ageing] += next.logRate - m.LogRate
	*effects = e
}

// own is the part of the linear predictor that is the item's own; it adds its terms to the effects.
func (m *Model) own(l *Landmark, past *Past, e *[Families]float64) (sum float64) {
	w := &m.scale
	amount := ln(max(l.Open, .01))
	size := w.itemNum[numAmount].at(amount) + w.itemNum[numRelative].at(clamp(amount-past.LogMean, -5, 5))
	e[Amount] += size
	terms := w.itemLevel[groupTerms][bin(l.Due-l.Issue, termsEdges[:])].slope
	e[CreditTerms] += terms
	disputed := w.itemLevel[groupDisputed][level(l.Disputed)].slope
	e[Disputes] += disputed
	broken := w.itemLevel[groupBroken][level(l.PromiseBroken)].slope
	e[Promises] += broken
	day := w.itemLevel[groupDueDay][weekday(l.Due)].slope
	e[CalendarDays] += day
	return size + terms + disputed + broken + day
}
