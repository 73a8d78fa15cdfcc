package scoring

// TrialDays is the length of the window over which a comparison counts cash.
const TrialDays = 60

// Trial is what a comparison from a day on needs of a customer. Amounts are minor units of the reporting
// currency, at the rates of their own day; what has no rate then is left out.
type Trial struct {
	Seen    bool  // something was open on the day before
	Open    int64 // then
	PastDue int32 // of the oldest open item then, negative before it is due
	Prior   int64 // cash of the TrialDays days before the first
	Cash    int64 // cash of the TrialDays days from the first on, as far as they have passed
}

// trialBefore looks at the account as it stood before the first day of a comparison, once that lies
// before a day; the ledger is at the end of the last day before it on which anything became known.
func (r *Rebuilder) trialBefore(day Day) {
	from, t := r.env.TrialFrom, &r.out.Account.Trial
	if from == 0 || r.tried || from-1 >= day {
		return
	}
	r.tried = true
	for _, i := range r.openItems() {
		n := &r.ledger.nodes[i]
		open, err := r.env.Rates.Convert(n.open, r.ledger.sides[n.cur].currency, from-1)
		if err != nil {
			continue
		}
		if late := int32(from - 1 - n.due); !t.Seen || late > t.PastDue {
			t.PastDue = late
		}
		t.Seen = true
		t.Open = r.plus(t.Open, open)
	}
}

// trialCash fills in the cash of a comparison, when the ledger is at its end.
func (r *Rebuilder) trialCash(t *Trial) {
	from := r.env.TrialFrom
	if !t.Seen {
		return
	}
	for i := range r.ledger.sides {
		s := &r.ledger.sides[i]
		for _, c := range s.receipts {
			if c.day < from-TrialDays || c.day >= from+TrialDays {
				continue
			}
			v, err := r.env.Rates.Convert(c.amount, s.currency, c.day)
			if err != nil {
				continue
			}
			if c.day < from {
				t.Prior = r.plus(t.Prior, v)
			} else {
				t.Cash = r.plus(t.Cash, v)
			}
		}
	}
}
