package treatment

import (
	"math/rand/v2"
	"slices"
	"testing"

	"kaishu/scoring"
	"kaishu/scoring/rank"
)

// Whatever the account, each menu gets the options that it would make itself and forbid nothing of.
func TestValuesAnewAreThoseOfEveryMenu(t *testing.T) {
	place := call(1)
	place.Name, place.Channel, place.PerMinute, place.MinPastDue = "place", "agency", false, 60
	place.Agencies = []Agency{{Name: "fair", Fee: .2, Recovery: []rank.TailPoint{{PastDue: 0, Share: .6}}},
		{Name: "dear", Fee: .5, MinAmount: 700, Recovery: []rank.TailPoint{{PastDue: 90, Share: .9}}}}
	email := call(1.4)
	email.Name, email.Channel, email.MaxPastDue, email.Money = "email", "email", 20, 3
	email.Segments = []SegmentEffect{{Segment: "large", Effect: rank.Effect{Multiplier: 3, Decay: 4, Reach: 1}}}
	actions := []Action{email, call3(), place, resolve()}
	limits := Limits{WaitDispute: true, WaitEffect: true, MaxContacts7: 2, Materiality: 50, Fatigue: .8, SelfCure: SelfCure{From: .5, To: .9, Cap: .2}}
	m := menu(t, limits, []Rule{{Name: "many", When: `open_items > 2`, Actions: []string{"email"}, Effect: EffectBlock}}, actions...)
	menus := []*Menu{m}
	for _, factor := range []float64{.5, 2} {
		scaled := slices.Clone(actions)
		for i := range scaled {
			scaled[i].Effect.Multiplier = 1 + factor*(scaled[i].Effect.Multiplier-1)
			scaled[i].Effect.Promise *= factor
		}
		other, err := m.With(scaled)
		if err != nil {
			t.Fatal(err)
		}
		menus = append(menus, other)
	}
	r := rand.New(rand.NewPCG(5, 6))
	kept, forbidden := 0, 0
	var again Case // its room is used for one account after another
	for range 400 {
		c := owing(int64(20+r.IntN(2000)), int32(r.IntN(150)-20), r.Float64())
		for range r.IntN(4) {
			more := owing(int64(20+r.IntN(2000)), int32(r.IntN(150)-20), r.Float64())
			c.Account.Items, c.Curves = append(c.Account.Items, more.Account.Items[0]), append(c.Curves, more.Curves[0])
			c.Account.Collectable += more.Account.Collectable
		}
		c.Facts.OpenItems = len(c.Account.Items)
		if it := &c.Account.Items[0]; r.IntN(3) == 0 {
			it.Disputed = r.Int64N(it.Open) + 1
			c.Account.Disputed = it.Disputed
			c.Account.Collectable -= it.Disputed
		}
		if r.IntN(2) == 0 {
			c.Account.Master.Segment = "large"
		}
		if r.IntN(3) == 0 {
			c.Account.Taken = []scoring.Taken{{Action: "call", On: today - scoring.Day(r.IntN(40)), Reached: r.IntN(2) == 0}}
		}
		c.Account.Contacts7 = int32(r.IntN(3))
		again.AsOf, again.Account, again.Curves, again.Facts = c.AsOf, c.Account, c.Curves, c.Facts
		got := make([][]Option, len(menus))
		if err := m.Anew(&again, 7, menus, got); err != nil {
			t.Fatal(err)
		}
		for i, menu := range menus {
			want := slices.DeleteFunc(options(t, menu, c), func(o Option) bool { return o.BlockedBy != Free })
			for k := range want {
				want[k].Paid, want[k].PaidAction = 0, 0
			}
			if !slices.Equal(got[i], want) {
				t.Fatalf("menu %d of %+v:\n%+v, want\n%+v", i, c.Account, got[i], want)
			}
			kept += len(want)
			forbidden += len(menu.Actions) - len(want)
		}
	}
	if kept < 500 || forbidden < 500 {
		t.Errorf("%d options stayed and %d were forbidden: too few to tell", kept, forbidden)
	}
}
