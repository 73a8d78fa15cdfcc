package scoring

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kaishu/scoring/hazard"
)

func mustRebuild(t rapid.TB, rows *Rows, env *Env, below uint64) *Outcome {
	t.Helper()
	o, err := Rebuild(rows, env, below)
	if err != nil {
		t.Fatal(err)
	}
	if o.Tied != nil {
		t.Fatal(o.Tied)
	}
	return o
}

// equal compares two values deeply; not-a-numbers are equal. It returns where they differ.
func equal(a, b any) string { return differ("", reflect.ValueOf(a), reflect.ValueOf(b)) }

func differ(at string, a, b reflect.Value) string {
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return at + ": nil"
			}
			return ""
		}
		return differ(at, a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if d := differ(at+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d and %d long: %+v and %+v", at, a.Len(), b.Len(), a, b)
		}
		for i := range a.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", at, i), a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Float32, reflect.Float64:
		if x, y := a.Float(), b.Float(); math.Float64bits(x) != math.Float64bits(y) && (x == x || y == y) {
			return fmt.Sprintf("%s: %v and %v", at, x, y)
		}
		return ""
	}
	if !a.Equal(b) {
		return fmt.Sprintf("%s: %v and %v", at, a, b)
	}
	return ""
}

func TestRowsAndAmountsReadAreUsedRejectedOrNotYetKnown(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		o := mustRebuild(t, rows, env, 0)
		read := [Exports]int64{int64(len(rows.Invoices)), int64(len(rows.Payments)), int64(len(rows.Masters)), int64(len(rows.Activities)), int64(len(rows.Disputes))}
		var refused [Exports]int64
		for _, r := range o.Refused {
			refused[r.Export]++
		}
		for e, n := range read {
			if c := o.Counts[e]; c.Used+c.Rejected+c.NotYet != n || c.Rejected != refused[e] {
				t.Fatalf("%s: %d rows read, %d refusals, counted %+v", Export(e), n, refused[e], c)
			}
		}
		var want []Written
		movement := func(c Currency) *Written {
			for i := range want {
				if want[i].Currency == c {
					return &want[i]
				}
			}
			want = append(want, Written{Currency: c})
			return &want[len(want)-1]
		}
		for _, v := range rows.Invoices {
			movement(v.Currency).Invoices.Used.add(1, v.Amount.AtFour())
		}
		for _, v := range rows.Payments {
			movement(v.Currency).Payments.Used.add(1, v.Amount.AtFour())
		}
		slices.SortFunc(want, func(a, b Written) int { return cmp.Compare(a.Currency, b.Currency) })
		if len(want) != len(o.Written) {
			t.Fatalf("%d currencies as written, want %d", len(o.Written), len(want))
		}
		for i, w := range o.Written {
			if w.Currency != want[i].Currency || w.Invoices.Total() != want[i].Invoices.Used || w.Payments.Total() != want[i].Payments.Used {
				t.Fatalf("%s: %+v, want %+v", w.Currency, w, want[i])
			}
		}
	})
}

// The ledger's own sums are compared with the rows that were not refused and are known by the
// date, in the currency that the items say.
func TestOpenItemsAreInvoicesLessAllocations(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		for i := range rows.Payments { // an inferred currency would have to be inferred here too
			if rows.Payments[i].Currency == NoCurrency {
				rows.Payments[i].Currency = eur
			}
		}
		o := mustRebuild(t, rows, env, 0)
		refused := map[Pos]bool{}
		for _, r := range o.Refused {
			refused[r.Pos] = true
		}
		home := eur
		if o.Account.HasRow && o.Account.Master.Currency != NoCurrency {
			home = o.Account.Master.Currency
		}
		balance := map[Currency]int64{}
		for _, v := range rows.Invoices {
			c := cmp.Or(v.Currency, home)
			if env.knownOn(v.Issue, v.Known) <= env.AsOf && !refused[v.Pos] {
				m, _ := v.Amount.Minor(c)
				if v.Kind == KindCreditNote && m > 0 {
					m = -m
				}
				balance[c] += m
			}
		}
		for _, v := range rows.Payments {
			if env.knownOn(v.Paid, v.Known) <= env.AsOf && !refused[v.Pos] {
				m, _ := v.Amount.Minor(v.Currency)
				if v.Kind == KindReversal && m > 0 {
					m = -m
				}
				balance[v.Currency] -= m
			}
		}
		var open, unapplied int64
		for _, it := range o.Account.Items {
			balance[it.Currency] -= it.Open
			if it.Open == 0 || (it.Open > 0) != (it.Amount > 0) || max(it.Open, -it.Open) > max(it.Amount, -it.Amount) {
				t.Fatalf("open %d of %d", it.Open, it.Amount)
			}
			if it.Disputed < 0 || it.Disputed > max(it.Open, 0) {
				t.Fatalf("disputed %d of %d", it.Disputed, it.Open)
			}
			if it.Open > 0 {
				open += it.OpenBase
			} else {
				unapplied -= it.OpenBase
			}
		}
		for c, left := range balance {
			if left != 0 {
				t.Fatalf("%s: the open items and the rows are %d apart", c, left)
			}
		}
		a := &o.Account
		if a.Open != open || a.Unapplied != unapplied || a.Exposure != open-unapplied {
			t.Fatalf("open %d, unapplied %d, exposure %d; items say %d and %d", a.Open, a.Unapplied, a.Exposure, open, unapplied)
		}
		if want := max(0, a.Collectable); a.Collectable != want {
			t.Fatalf("collectable %d", a.Collectable)
		}
		if int(a.Settled) != len(a.History) {
			t.Fatalf("%d settled, %d listed", a.Settled, len(a.History))
		}
	})
}

func TestOrderOfRowsIsIrrelevantAndRepetitionChangesNothing(t *testing.T) {
	var reused Rebuilder
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.LandmarkWeeks = 8
		once := mustRebuild(t, rows, env, math.MaxUint64)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		shuffled := *rows
		shuffled.Invoices, shuffled.Payments = slices.Clone(rows.Invoices), slices.Clone(rows.Payments)
		shuffled.Activities, shuffled.Disputes = slices.Clone(rows.Activities), slices.Clone(rows.Disputes)
		rng.Shuffle(len(rows.Invoices), reflect.Swapper(shuffled.Invoices))
		rng.Shuffle(len(rows.Payments), reflect.Swapper(shuffled.Payments))
		rng.Shuffle(len(rows.Activities), reflect.Swapper(shuffled.Activities))
		rng.Shuffle(len(rows.Disputes), reflect.Swapper(shuffled.Disputes))
		again, err := reused.Rebuild(&shuffled, env, math.MaxUint64)
		if err != nil {
			t.Fatal(err)
		}
		if d := equal(once, again); d != "" {
			t.Fatal(d)
		}
	})
}

func TestLedgerOnlyLeavesOutWhatModelsNeedAndNothingElse(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		whole := mustRebuild(t, rows, env, 0)
		for i := range whole.Account.Items {
			whole.Account.Items[i].Landmark = Seen{}
		}
		whole.Life = hazard.LifeTable{}
		env.LedgerOnly = true
		if d := equal(whole, mustRebuild(t, rows, env, 0)); d != "" {
			t.Fatal(d)
		}
	})
}

// past compares all of an outcome but the counts of rows not yet known.
func past(o *Outcome) *Outcome {
	for e := range o.Counts {
		o.Counts[e].NotYet = 0
	}
	var kept []Written
	for _, w := range o.Written {
		w.Invoices.NotYet, w.Payments.NotYet = Tally{}, Tally{}
		if w != (Written{Currency: w.Currency}) {
			kept = append(kept, w)
		}
	}
	o.Written = kept
	return o
}

func TestTheFutureChangesNothing(t *testing.T) {
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.LandmarkWeeks = 8
		other := randomRows(t)
		full := past(mustRebuild(t, rows, env, math.MaxUint64))

		cut := Rows{Customer: rows.Customer, Masters: rows.Masters}
		scrambled := cut
		for _, v := range rows.Invoices {
			if env.knownOn(v.Issue, v.Known) <= env.AsOf {
				cut.Invoices = append(cut.Invoices, v)
			}
		}
		for _, v := range rows.Payments {
			if env.knownOn(v.Paid, v.Known) <= env.AsOf {
				cut.Payments = append(cut.Payments, v)
			}
		}
		for _, v := range rows.Activities {
			if env.knownOn(v.Done, v.Known) <= env.AsOf {
				cut.Activities = append(cut.Activities, v)
			}
		}
		for _, v := range rows.Disputes {
			if env.knownOn(v.Opened, v.Known) <= env.AsOf {
				if v.Closed > env.AsOf || v.Known == NoDay && v.Closed != NoDay && env.knownOn(v.Closed, NoDay) > env.AsOf {
					v.Closed = NoDay
				}
				cut.Disputes = append(cut.Disputes, v)
			}
		}
		if d := equal(full, past(mustRebuild(t, &cut, env, math.MaxUint64))); d != "" {
			t.Fatal("cut: ", d)
		}
		// Other rows, with the same keys and earlier places, all of them later.
		scrambled = cut
		scrambled.Invoices, scrambled.Payments = slices.Clone(cut.Invoices), slices.Clone(cut.Payments)
		scrambled.Activities, scrambled.Disputes = slices.Clone(cut.Activities), slices.Clone(cut.Disputes)
		later := env.AsOf + 1 + Day(rapid.IntRange(0, 30).Draw(t, "later"))
		for i, v := range other.Invoices {
			v.Pos = Pos(i)
			if rapid.Bool().Draw(t, "by value") {
				v.Issue, v.Known = later, NoDay
			} else {
				v.Known = later
			}
			scrambled.Invoices = append(scrambled.Invoices, v)
		}
		for i, v := range other.Payments {
			v.Pos, v.Known = Pos(i), later
			scrambled.Payments = append(scrambled.Payments, v)
		}
		for i, v := range other.Activities {
			v.Pos, v.Known = Pos(i), later
			scrambled.Activities = append(scrambled.Activities, v)
		}
		for i, v := range other.Disputes {
			v.Pos, v.Known = Pos(i), later
			scrambled.Disputes = append(scrambled.Disputes, v)
		}
		if d := equal(full, past(mustRebuild(t, &scrambled, env, math.MaxUint64))); d != "" {
			t.Fatal("scrambled: ", d)
		}
	})
}

// The decisive test of no leak: what a landmark of a past date says is what a run as of that
// date says of the same item, and there is one for every item that such a run finds open.
func TestLandmarksAreWhatARunOfThatDateFinds(t *testing.T) {
	checked := 0
	checkLedgers(t, func(t *rapid.T) {
		rows, env := randomRows(t), randomEnv(t)
		env.LandmarkWeeks = 12
		now := mustRebuild(t, rows, env, math.MaxUint64)
		for k := int32(1); k <= env.LandmarkWeeks; k++ {
			then := *env
			then.AsOf, then.LandmarkWeeks = env.AsOf-7*Day(k), 0
			o := mustRebuild(t, rows, &then, 0)
			want := map[uint64]int{}
			for i, it := range o.Account.Items {
				if it.Open > 0 && it.Kind != "payment" {
					want[it.Landmark.Key] = i
				}
			}
			for _, mark := range now.Account.Landmarks {
				if mark.Date != int32(then.AsOf) {
					continue
				}
				i, ok := want[mark.Key]
				if !ok {
					t.Fatalf("a landmark at %s of an item that is not open then", then.AsOf)
				}
				delete(want, mark.Key)
				if mark.Follow < 1 || mark.Follow > 7*k {
					t.Fatalf("followed for %d of %d days", mark.Follow, 7*k)
				}
				mark.Follow, mark.Paid, mark.Came, mark.Customer = 0, false, 0, 0
				if d := equal(mark, o.Account.Items[i].AsLandmark()); d != "" {
					t.Fatalf("at %s, item %s: %s", then.AsOf, o.Account.Items[i].ID, d)
				}
				checked++
			}
			if len(want) != 0 {
				t.Fatalf("%d items open at %s have no landmark", len(want), then.AsOf)
			}
		}
	})
	if checked < 100 {
		t.Errorf("only %d landmarks checked", checked)
	}
}
