package scoring

import (
	"fmt"
	"slices"
	"strings"
)

// MasterFault is something missing, contradictory or impossible in a customer's master data, and
// what to do about it. It refuses nothing: the run goes on with what there is.
type MasterFault struct {
	Column string // of the customers export
	Fault  string
	Do     string
}

// MasterFaults lists what is wrong with a customer's master data by themselves, in the order of
// the columns of the export. known tells whether the export has a column at all; a column that it
// does not have is nobody's gap. Gaps count only where something is open, contradictions
// always. Parents are looked at by those who know all customers.
func MasterFaults(rows *Rows, a *Account, known func(column string) bool) []MasterFault {
	var out []MasterFault
	fault := func(column, do, format string, args ...any) {
		if known(column) {
			out = append(out, MasterFault{Column: column, Fault: fmt.Sprintf(format, args...), Do: do})
		}
	}
	if !a.HasRow {
		if len(a.Items) > 0 {
			fault("customer_id", "add the customer to the customers export", "has open items but no row in the customers export")
		}
		return out
	}
	m := &a.Master
	out = contradictions(rows.Masters, m, known)
	if m.Terms != "" {
		if _, err := ParseTerms(m.Terms); err != nil {
			fault("terms", "write them as a number of days or closing-day terms such as EOM+1/31", "%v", err)
		}
	}
	if m.Email != "" && !strings.Contains(m.Email, "@") {
		fault("email", "correct the address", "%q is not an e-mail address", m.Email)
	}
	if a.OpenItems == 0 {
		return out
	}
	if other := otherCurrency(a); other != NoCurrency {
		fault("currency", "correct the customer's currency or the invoices'", "is %s, but only items in other currencies are open, such as %s", m.Currency, other)
	}
	if !a.HasLimit {
		fault("credit_limit", "set a limit, 0 for none granted", "is missing while something is open")
	}
	if m.Email == "" {
		fault("email", "ask for an address: reminders by e-mail cost almost nothing", "is missing while something is open")
	}
	if m.Phone == "" {
		fault("phone", "ask for a number: without one there is no call", "is missing while something is open")
	}
	if m.Contacts == "" {
		fault("contacts", "name more than one person to talk to", "is missing while something is open")
	}
	return out
}

// otherCurrency is a currency of the open items when none of them is in the customer's own.
func otherCurrency(a *Account) Currency {
	other := NoCurrency
	for i := range a.Items {
		switch it := &a.Items[i]; {
		case it.Open <= 0:
		case a.Master.Currency == NoCurrency || it.Currency == a.Master.Currency:
			return NoCurrency
		default:
			other = it.Currency
		}
	}
	return other
}

// contradictions compares the row used with the others of the same customer, and names the
// columns in which one says something else.
func contradictions(rows []Master, used *Master, known func(string) bool) []MasterFault {
	if len(rows) < 2 {
		return nil
	}
	others := slices.Clone(rows)
	slices.SortFunc(others, func(a, b Master) int {
		if a.Pos < b.Pos {
			return -1
		}
		return 1
	})
	text := func(get func(*Master) string) (one, two string, differ bool) {
		for i := range others {
			if v := get(&others[i]); v != get(used) {
				return get(used), v, true
			}
		}
		return "", "", false
	}
	limit := func(m *Master) string {
		if !m.HasLimit {
			return ""
		}
		return m.CreditLimit.String()
	}
	currency := func(m *Master) string {
		if m.Currency == NoCurrency {
			return ""
		}
		return m.Currency.String()
	}
	var out []MasterFault
	for _, c := range [...]struct {
		column string
		get    func(*Master) string
	}{
		{"name", func(m *Master) string { return m.Name }}, {"parent_id", func(m *Master) string { return m.Parent }},
		{"currency", currency}, {"credit_limit", limit}, {"terms", func(m *Master) string { return m.Terms }},
		{"segment", func(m *Master) string { return m.Segment }}, {"region", func(m *Master) string { return m.Region }},
		{"collector", func(m *Master) string { return m.Collector }}, {"email", func(m *Master) string { return m.Email }},
		{"phone", func(m *Master) string { return m.Phone }}, {"guarantor", func(m *Master) string { return m.Guarantor }},
		{"do_not_contact", func(m *Master) string { return fmt.Sprint(m.DoNotContact) }}, {"insolvent", func(m *Master) string { return fmt.Sprint(m.Insolvent) }},
	} {
		if one, two, differ := text(c.get); differ && known(c.column) {
			out = append(out, MasterFault{Column: c.column, Fault: fmt.Sprintf("two rows disagree: %q, which is used, and %q", one, two),
				Do: "keep one row for each customer"})
		}
	}
	return out
}
