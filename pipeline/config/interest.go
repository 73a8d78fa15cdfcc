package config

import "kaishu/scoring"

// Interest says which late interest open items bear.
type Interest struct {
	// Table is none (default), a table fixed by law (jp-statutory, jp-commercial, jp-subcontract,
	// eu-2011-7), or a contract's rate a year such as 10%. See scoring.ParseInterest.
	Table string `json:"table"`
}

func (i *Interest) parse(m *mapping) {
	if s, n, ok := m.scalar("table"); ok {
		if _, err := scoring.ParseInterest(s); err != nil && s != "none" {
			m.fault(n, m.join("table"), "write none, jp-statutory, jp-commercial, jp-subcontract, eu-2011-7, or a rate a year such as 10%", "%q is neither a table nor a rate", shorten(s))
		} else {
			i.Table = s
		}
	}
	m.done()
}
