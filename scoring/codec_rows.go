package scoring

// The bodies of the rows after the customer, field by field as the Append functions write them.

func getInvoice(b []byte, at int, v *Invoice, customer string) int {
	flags, at := getByte(b, at)
	v.Customer = customer
	v.Kind = InvoiceKind(flags >> 6)
	if v.Kind > KindDebitNote {
		return nowhere
	}
	v.ID, at = getString(b, at)
	v.Issue, at = getDay(b, at, dayBase)
	v.Amount, at = getDecimal(b, at)
	v.Pos, at = getPos(b, at)
	v.Due = NoDay
	if flags&(1<<2) != 0 {
		v.Due, at = getDay(b, at, int64(v.Issue))
	}
	v.Currency = NoCurrency
	if flags&(1<<5) != 0 {
		v.Currency, at = getCurrency(b, at)
	}
	v.AppliesTo = ""
	if flags&(1<<0) != 0 {
		v.AppliesTo, at = getString(b, at)
	}
	v.Instalment = 0
	if flags&(1<<1) != 0 {
		v.Instalment, at = getInt32(b, at)
	}
	v.Terms = ""
	if flags&(1<<3) != 0 {
		v.Terms, at = getString(b, at)
	}
	v.Known = NoDay
	if flags&(1<<4) != 0 {
		v.Known, at = getDay(b, at, int64(v.Issue))
	}
	return at
}

func getPayment(b []byte, at int, v *Payment, customer string) int {
	flags, at := getByte(b, at)
	v.Customer = customer
	v.Kind = PaymentKind(flags >> 6)
	v.ID, at = getString(b, at)
	v.Paid, at = getDay(b, at, dayBase)
	v.Amount, at = getDecimal(b, at)
	v.Pos, at = getPos(b, at)
	v.Invoice = ""
	if flags&(1<<0) != 0 {
		v.Invoice, at = getString(b, at)
	}
	v.Currency = NoCurrency
	if flags&(1<<3) != 0 {
		v.Currency, at = getCurrency(b, at)
	}
	v.Instalment = 0
	if flags&(1<<1) != 0 {
		v.Instalment, at = getInt32(b, at)
	}
	v.Known = NoDay
	if flags&(1<<2) != 0 {
		v.Known, at = getDay(b, at, int64(v.Paid))
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
