package scoring

import (
	"strings"

	"pgregory.net/rapid"
)

// anyDay draws days of every size of encoding, NoDay among them.
func anyDay() *rapid.Generator[Day] {
	return rapid.OneOf(rapid.Just(NoDay), rapid.Map(rapid.Int32Range(12000, 22000), func(d int32) Day { return Day(d) }),
		rapid.Map(rapid.Int32(), func(d int32) Day { return Day(d) }))
}

func anyDecimal() *rapid.Generator[Decimal] {
	return rapid.Custom(func(t *rapid.T) Decimal {
		return Decimal{rapid.Int64().Draw(t, "mantissa"), rapid.Uint8().Draw(t, "digits")}
	})
}

func anyPos() *rapid.Generator[Pos] {
	return rapid.Map(rapid.Uint64(), func(p uint64) Pos { return Pos(p) })
}

// anyCustomer draws from few customers, so that they share rows, one of them without a name.
func anyCustomer() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "0", "00", "C-1", "C-10", "C-2", "得意先", "\xff\x00", "0000000000000001", strings.Repeat("long", 50)})
}

// anyText draws mostly short strings, some that look like identifiers, and some whose length takes two bytes.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just(""), rapid.StringN(0, 12, -1), rapid.StringMatching(`(INV-|請求|A)?[0-9]{1,20}(-[0-9]{2})?`), rapid.StringN(100, 300, -1))
}

func anyInvoice() *rapid.Generator[Invoice] {
	return rapid.Custom(func(t *rapid.T) Invoice {
		return Invoice{
			Customer: anyCustomer().Draw(t, "customer"), ID: anyText().Draw(t, "id"), AppliesTo: anyText().Draw(t, "applies"),
			Instalment: rapid.Int32().Draw(t, "instalment"), Issue: anyDay().Draw(t, "issue"), Due: anyDay().Draw(t, "due"),
			Terms: anyText().Draw(t, "terms"), Amount: anyDecimal().Draw(t, "amount"),
			Currency: Currency(rapid.Uint16().Draw(t, "currency")), Kind: InvoiceKind(rapid.Uint8Max(2).Draw(t, "kind")),
			Known: anyDay().Draw(t, "known"), Pos: anyPos().Draw(t, "pos"),
		}
	})
}

func anyPayment() *rapid.Generator[Payment] {
	return rapid.Custom(func(t *rapid.T) Payment {
		return Payment{
			Customer: anyCustomer().Draw(t, "customer"), ID: anyText().Draw(t, "id"), Invoice: anyText().Draw(t, "invoice"),
			Instalment: rapid.Int32().Draw(t, "instalment"), Paid: anyDay().Draw(t, "paid"), Amount: anyDecimal().Draw(t, "amount"),
			Currency: Currency(rapid.Uint16().Draw(t, "currency")), Kind: PaymentKind(rapid.Uint8Max(3).Draw(t, "kind")),
			Known: anyDay().Draw(t, "known"), Pos: anyPos().Draw(t, "pos"),
		}
	})
}

func anyMaster() *rapid.Generator[Master] {
	return rapid.Custom(func(t *rapid.T) Master {
		v := Master{
			Customer: anyCustomer().Draw(t, "customer"), Currency: Currency(rapid.Uint16().Draw(t, "currency")),
			CreditLimit: anyDecimal().Draw(t, "limit"), AnnualMargin: anyDecimal().Draw(t, "margin"), Collateral: anyDecimal().Draw(t, "collateral"),
			Relationship:  Relationship(rapid.Uint8Max(2).Draw(t, "relationship")),
			TravelMinutes: rapid.Float64().Draw(t, "travel"), Bureau: rapid.Float64().Draw(t, "bureau"),
			Since: anyDay().Draw(t, "since"), Pos: anyPos().Draw(t, "pos"),
		}
		for _, s := range []*string{&v.Name, &v.Parent, &v.Terms, &v.Segment, &v.Region, &v.Language, &v.Collector, &v.Email, &v.Phone, &v.Contacts, &v.Guarantor} {
			*s = anyText().Draw(t, "text")
		}
		for _, b := range []*bool{&v.HasLimit, &v.HasMargin, &v.HasCollateral, &v.DoNotContact, &v.Insolvent, &v.Represented} {
			*b = rapid.Bool().Draw(t, "flag")
		}
		return v
	})
}

func anyActivity() *rapid.Generator[Activity] {
	return rapid.Custom(func(t *rapid.T) Activity {
		return Activity{
			Customer: anyCustomer().Draw(t, "customer"), ID: anyText().Draw(t, "id"), Done: anyDay().Draw(t, "done"),
			Action: anyText().Draw(t, "action"), Outcome: anyText().Draw(t, "outcome"), Reason: anyText().Draw(t, "reason"),
			PromiseDate: anyDay().Draw(t, "promise"), PromiseAmount: anyDecimal().Draw(t, "amount"), HasPromise: rapid.Bool().Draw(t, "has"),
			Minutes: rapid.Float64().Draw(t, "minutes"), Collector: anyText().Draw(t, "collector"), Invoice: anyText().Draw(t, "invoice"),
			Randomised: rapid.Bool().Draw(t, "randomised"), Agency: anyText().Draw(t, "agency"), Known: anyDay().Draw(t, "known"), Pos: anyPos().Draw(t, "pos"),
		}
	})
}

func anyDispute() *rapid.Generator[Dispute] {
	return rapid.Custom(func(t *rapid.T) Dispute {
		return Dispute{
			Customer: anyCustomer().Draw(t, "customer"), ID: anyText().Draw(t, "id"), Invoice: anyText().Draw(t, "invoice"),
			Opened: anyDay().Draw(t, "opened"), Closed: anyDay().Draw(t, "closed"), Amount: anyDecimal().Draw(t, "amount"),
			HasAmount: rapid.Bool().Draw(t, "has"), Reason: anyText().Draw(t, "reason"), Known: anyDay().Draw(t, "known"), Pos: anyPos().Draw(t, "pos"),
		}
	})
}
