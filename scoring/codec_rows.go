package scoring

// The bodies of the rows after the customer, field by field as the Append functions write them.

func getInvoice(b []byte, at int, v *Invoice, customer string) int {
	var f figures
	at = getFigures(b, at, &f)
	if f.kind > uint8(KindDebitNote) {
		return nowhere
	}
	v.Customer, v.Pos, v.Amount, v.Currency, v.Kind = customer, f.pos, f.amount, f.currency, InvoiceKind(f.kind)
	v.Issue, v.Due, v.Known, v.Instalment = f.day, f.due, f.known, f.instalment
	v.ID, at = getString(b, at)
	v.AppliesTo, v.Terms = "", ""
	if f.texts&1 != 0 {
		v.AppliesTo, at = getString(b, at)
	}
	if f.texts&2 != 0 {
		v.Terms, at = getString(b, at)
	}
	return at
}

func getPayment(b []byte, at int, v *Payment, customer string) int {
	var f figures
	at = getFigures(b, at, &f)
	if f.due != NoDay || f.texts > 1 {
		return nowhere
	}
	v.Customer, v.Pos, v.Amount, v.Currency, v.Kind = customer, f.pos, f.amount, f.currency, PaymentKind(f.kind)
	v.Paid, v.Known, v.Instalment = f.day, f.known, f.instalment
	v.ID, at = getString(b, at)
	v.Invoice = ""
	if f.texts != 0 {
		v.Invoice, at = getString(b, at)
	}
	return at
}

func getMaster(b []byte, at int, v *Master, customer string) int {
	flags, at := getByte(b, at)
	v.Customer = customer
	v.HasLimit, v.HasMargin, v.HasCollateral = flags&1 != 0, flags&2 != 0, flags&4 != 0
	v.DoNotContact, v.Insolvent, v.Represented = flags&8 != 0, flags&16 != 0, flags&32 != 0
	v.Relationship = Relationship(flags >> 6)
	if v.Relationship > Minor {
		return nowhere
	}
	v.Pos, at = getPos(b, at)
	v.Currency, at = getCurrency(b, at)
	for _, s := range [...]*string{&v.Name, &v.Parent, &v.Terms, &v.Segment, &v.Region, &v.Language,
		&v.Collector, &v.Email, &v.Phone, &v.Contacts, &v.Guarantor} {
		*s, at = getString(b, at)
	}
	for _, to := range [...]*Decimal{&v.CreditLimit, &v.AnnualMargin, &v.Collateral} {
		*to, at = getDecimal(b, at)
	}
	v.TravelMinutes, at = getFloat(b, at)
	v.Bureau, at = getFloat(b, at)
	v.Since, at = getDay(b, at, dayBase)
	return at
}

func getActivity(b []byte, at int, v *Activity, customer string) int {
	flags, at := getByte(b, at)
	v.Customer = customer
	v.HasPromise, v.Randomised = flags&1 != 0, flags&2 != 0
	v.Pos, at = getPos(b, at)
	for _, s := range [...]*string{&v.ID, &v.Action, &v.Outcome, &v.Reason, &v.Collector, &v.Invoice} {
		*s, at = getString(b, at)
	}
	v.Done, at = getDay(b, at, dayBase)
	v.PromiseAmount, at = getDecimal(b, at)
	v.Minutes, at = getFloat(b, at)
	v.PromiseDate = NoDay
	if flags&(1<<2) != 0 {
		v.PromiseDate, at = getDay(b, at, int64(v.Done))
	}
	v.Known = NoDay
	if flags&(1<<3) != 0 {
		v.Known, at = getDay(b, at, int64(v.Done))
	}
	v.Agency = ""
	if flags&(1<<4) != 0 {
		v.Agency, at = getString(b, at)
	}
	return at
}

func getDispute(b []byte, at int, v *Dispute, customer string) int {
	flags, at := getByte(b, at)
	v.Customer = customer
	v.HasAmount = flags&1 != 0
	v.Pos, at = getPos(b, at)
	for _, s := range [...]*string{&v.ID, &v.Invoice, &v.Reason} {
		*s, at = getString(b, at)
	}
	v.Opened, at = getDay(b, at, dayBase)
	v.Amount, at = getDecimal(b, at)
	v.Closed = NoDay
	if flags&(1<<1) != 0 {
		v.Closed, at = getDay(b, at, int64(v.Opened))
	}
	v.Known = NoDay
	if flags&(1<<2) != 0 {
		v.Known, at = getDay(b, at, int64(v.Opened))
	}
	return at
}
