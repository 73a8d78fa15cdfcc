package pipeline

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring/treatment"
)

// biased is said of what was learned without a lot.
const biased = "observational, may be biased"

// effectColumns are the columns of effects.parquet.
func effectColumns() []table.OutColumn {
	long := func(name string) table.OutColumn { return table.OutColumn{Name: name, Type: table.OutInt} }
	return []table.OutColumn{
		str("action"), ostr("segment"), dbl("multiplier"), odbl("multiplier_low"), odbl("multiplier_high"), dbl("multiplier_configured"),
		str("source"), {Name: "used", Type: table.OutBool},
		long("contacts_lot"), long("payments_lot"), dbl("expected_lot"), dbl("exposed_lot"), dbl("dispersion"),
		long("contacts_chosen"), long("payments_chosen"), dbl("expected_chosen"), dbl("exposed_chosen"),
		odbl("multiplier_chosen"), odbl("multiplier_chosen_low"), odbl("multiplier_chosen_high"), str("caveat"),
		dbl("reach"), dbl("reach_low"), dbl("reach_high"), dbl("reach_configured"), long("attempts"), long("landed"), odbl("missed_ratio"),
	}
}

// fillEffects writes what contacts do, by action as on the menu and segment.
func (n *night) fillEffects(s *sheet, full func() error) error {
	if n.learned == nil {
		return nil
	}
	for i := range n.learned.effects {
		e := &n.learned.effects[i]
		sums := e.sums
		s.text(e.action.Name)
		if e.part {
			s.text(e.segment)
		} else {
			s.null()
		}
		s.share(e.Multiplier).share(e.Low).share(e.High).share(e.action.Multiplier).text(e.source).bool(n.cfg.Learning.Effects == config.LearnOn).
			long(sums.lot.Windows).long(sums.lot.Payments).share(sums.lot.Base()).share(sums.lot.Exposed()).share(e.dispersion).
			long(sums.chosen.Windows).long(sums.chosen.Payments).share(sums.chosen.Base()).share(sums.chosen.Exposed()).
			share(e.observational.Multiplier).share(e.observational.Low).share(e.observational.High).text(biased).
			share(e.reach[0]).share(e.reach[1]).share(e.reach[2]).share(e.action.Reach).long(sums.attempts[0] + sums.attempts[1]).long(sums.landed[0] + sums.landed[1]).share(e.missed()).row()
		if err := full(); err != nil {
			return err
		}
	}
	return nil
}

// missed is observed over expected payments after attempts by lot that reached nobody: 1 but for chance,
// unless those who cannot be reached pay otherwise. NaN without any.
func (e *learnedEffect) missed() float64 {
	t := &e.sums.missed
	if t.Base() == 0 {
		return nan
	}
	return float64(t.Payments) / t.Base()
}

// effectSource is where the effect of an option comes from.
func (n *night) effectSource(c *decision, o *treatment.Option) string {
	_, source := n.menu.Actions[o.Action].On(n.keyed(c).segment)
	return source
}

// learnedJSON is one action over all segments in run.json.
type learnedJSON struct {
	Action       string   `json:"action"`
	Multiplier   float64  `json:"multiplier"`
	Low          *float64 `json:"low"`
	High         *float64 `json:"high"`
	Source       string   `json:"source"`
	Contacts     int64    `json:"contacts_lot"`
	Payments     int64    `json:"payments_lot"`
	Chosen       *float64 `json:"multiplier_chosen"` // of contacts that somebody chose to make
	ContactsElse int64    `json:"contacts_chosen"`
	Reach        float64  `json:"reach"`
}

// learningSection is the section learning of run.json, nil where nothing is looked at.
func (n *night) learningSection() map[string]any {
	out := map[string]any{}
	if l := n.learned; l != nil {
		list := []learnedJSON{}
		lot, chosen := int64(0), int64(0)
		for i := range l.effects {
			e := &l.effects[i]
			if e.part || e.sums.attempts == [2]int64{} {
				continue
			}
			lot += e.sums.lot.Windows
			chosen += e.sums.chosen.Windows
			list = append(list, learnedJSON{e.action.Name, e.Multiplier, maybe(e.Low), maybe(e.High), e.source, e.sums.lot.Windows, e.sums.lot.Payments,
				maybe(e.observational.Multiplier), e.sums.chosen.Windows, e.reach[0]})
		}
		out["effects"] = map[string]any{
			"mode": n.cfg.Learning.Effects, "basis": basis(lot, chosen), "contacts_lot": lot, "contacts_chosen": chosen, "actions": list, "sampled_lot": math.Ldexp(1, -l.levels[0]), "sampled_chosen": math.Ldexp(1, -l.levels[1]),
			"left_alone_by_lot": l.control.Windows, "base_correction": l.base,
		}
	}
	if n.placed != nil {
		out["agencies"] = n.agencySection()
	}
	if n.cfg.Learning.Explore > 0 {
		out["exploration"] = n.explorationSection()
	}
	if n.comparison != nil {
		out["holdout"] = n.holdoutSection()
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// maybe is a number for JSON, null where there is none.
func maybe(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// basis says what the effects of contacts are learned from.
func basis(lot, chosen int64) string {
	switch {
	case lot > 0:
		return "contacts made by lot"
	case chosen > 0:
		return biased
	}
	return "no contacts on record"
}

// printLearning says what contacts of the past have taught.
func (n *night) printLearning(w io.Writer) {
	if n.learned != nil {
		lot, chosen := int64(0), int64(0)
		for i := range n.learned.effects {
			if e := &n.learned.effects[i]; !e.part {
				lot += e.sums.lot.Windows
				chosen += e.sums.chosen.Windows
			}
		}
		if lot+chosen > 0 {
			use := learnedUnused
			if n.cfg.Learning.Effects == config.LearnOn {
				use = learnedUsed
			}
			v := n.voc()
			fmt.Fprintln(w, v.say(learnedContacts, lot, chosen, v.say(learnedBiased), v.say(use)))
		}
	}
	n.printAgencies(w)
	n.printExploration(w)
	n.printHoldout(w)
}

// effect prints where the effect of the chosen action comes from, and what contacts say about it.
func (e *explanation) effect(action, source string) error {
	t := e.words
	e.line("  ", t.Effect, t.voc.code(action), t.voc.code(source))
	account, at, err := e.one("accounts.parquet")
	if err != nil || at < 0 {
		return err
	}
	frame, err := table.ReadColumns(filepath.Join(e.folder, "effects.parquet"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // a night of a version that did not learn
	}
	if err != nil {
		return fmt.Errorf("reading effects.parquet: %w", err)
	}
	f := &rowsOf{Frame: frame}
	segment := account.show("segment", at)
	for i := range f.Len() {
		all := f.IsNull(f.Column("segment"), i)
		if f.show("action", i) != action || !all && f.show("segment", i) != segment {
			continue
		}
		of := t.AllSegments
		if !all {
			of = fmt.Sprintf(t.OneSegment, segment)
		}
		e.line("    ", t.EffectOf, of, f.share("multiplier", i, 3), f.share("multiplier_low", i, 2), f.share("multiplier_high", i, 2), f.share("multiplier_configured", i, 2))
		if f.show("contacts_lot", i) != "0" {
			e.line("      ", t.EffectFrom, f.show("contacts_lot", i), f.show("payments_lot", i), f.share("expected_lot", i, 1), f.share("exposed_lot", i, 1))
		}
		if f.show("contacts_chosen", i) != "0" {
			e.line("      ", t.EffectChosen, f.show("contacts_chosen", i), f.share("multiplier_chosen", i, 3), t.voc.say(learnedBiased))
		}
		e.line("      ", t.EffectReach, f.share("reach", i, 3), f.share("reach_configured", i, 2), f.show("attempts", i))
	}
	return nil
}
