package config

import "kaishu/scoring"

// Interest says which late interest open items bear.
type Interest struct {
	// Table is none (default), a table fixed by law (jp-statutory, jp-commercial, jp-subcontract,
	// eu-2011-7), or a contract's rate a year such as 10%. See scoring.ParseInterest.
	Table string `json:"table"`
	// Collectable is the share of late interest that comes in when the item that bears it is paid. What an action adds
	// counts that share of the interest accrued so far; default 0, since late interest is mostly waived or never asked for.
	Collectable float64 `json:"collectable"`
}

func (i *Interest) parse(m *mapping) {
	if s, n, ok := m.scalar("table"); ok {
		if _, err := scoring.ParseInterest(s); err != nil && s != "none" {
			m.fault(n, m.join("table"), "write none, jp-statutory, jp-commercial, jp-subcontract, eu-2011-7, or a rate a year such as 10%", "%q is neither a table nor a rate", shorten(s))
		} else {
			i.Table = s
		}
	}
	m.number("collectable", &i.Collectable, 0, 1)
	if i.Collectable > 0 && i.Table == "none" {
		m.fault(m.values["collectable"], m.join("collectable"), "name interest.table too", "has no interest to be a share of")
	}
	m.done()
}
