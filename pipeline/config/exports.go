package config

import "slices"

// Exports are the files a run reads. Invoices and payments are required; a source without a
// path is not given.
type Exports struct {
	Invoices   Source `json:"invoices"`
	Payments   Source `json:"payments"`
	Customers  Source `json:"customers,omitzero"`
	Activities Source `json:"activities,omitzero"`
	Disputes   Source `json:"disputes,omitzero"`
	Rates      Source `json:"rates,omitzero"`
}

// Source is where one export stands and how it is written. Encoding, DateFormat,
// Delimiter, Numbers, IDs, Null and Present mean what they mean in table.Options.
type Source struct {
	// Export is the name of the export: invoices, payments, customers, ...
	Export string `json:"-"`
	// Path is a file, a glob or a folder: Written, seen from the folder of the configuration.
	Path string `json:"-"`
	// Written is the path as the file says it.
	Written string `json:"path"`
	// Columns maps canonical column names to the names in the file.
	Columns map[string]string `json:"columns,omitempty"`
	// Encoding is "utf-8" (default), cp932, euc-jp, utf-16, utf-16le, utf-16be or windows-1252.
	Encoding string `json:"encoding"`
	// DateFormat is a Go layout, or "" for YYYY-MM-DD.
	DateFormat string `json:"date_format,omitempty"`
	// Delimiter is ",", ";" or a tab, or "" to find it from the header line.
	Delimiter string `json:"delimiter,omitempty"`
	// Numbers is "" for strict numbers, or "lenient".
	Numbers string `json:"numbers,omitempty"`
	// IDs is "" for identifiers as they are written, or "repair_decimal" to take the ".0" off those that
	// passed through floating point.
	IDs string `json:"ids,omitempty"`
	// Null lists the cells that count as empty, beside empty ones (key null_values).
	Null []string `json:"null_values,omitempty"`
	// Present lists canonical columns; a row in which one of them is empty is skipped (key present).
	Present []string `json:"present,omitempty"`
	// Line is the line of the configuration on which the source stands.
	Line int `json:"-"`
}

// IsZero tells whether the source is not given.
func (s Source) IsZero() bool { return s.Written == "" }

// Given lists the sources that the file gives, in the order of ExportNames.
func (e *Exports) Given() []Source {
	var given []Source
	for _, name := range ExportNames() {
		if s := e.source(name); !s.IsZero() {
			given = append(given, *s)
		}
	}
	return given
}

// source is the field of the export of that name, nil when there is none.
func (e *Exports) source(name string) *Source {
	switch name {
	case "invoices":
		return &e.Invoices
	case "payments":
		return &e.Payments
	case "customers":
		return &e.Customers
	case "activities":
		return &e.Activities
	case "disputes":
		return &e.Disputes
	case "rates":
		return &e.Rates
	}
	return nil
}

// ExportNames lists the exports in the order in which they are read.
func ExportNames() []string {
	return []string{"invoices", "payments", "customers", "activities", "disputes", "rates"}
}

// Columns lists the canonical column names of an export, nil for a name that is no export.
// The README and docs/configuration.md say what each holds.
func Columns(export string) []string {
	switch export {
	case "invoices":
		return []string{"invoice_id", "customer_id", "issue_date", "due_date", "terms", "amount", "currency",
			"kind", "applies_to", "instalment", "known_at"}
	case "payments":
		return []string{"payment_id", "customer_id", "paid_on", "amount", "currency", "invoice_id",
			"instalment", "kind", "known_at"}
	case "customers":
		return []string{"customer_id", "name", "parent_id", "currency", "credit_limit", "terms", "segment",
			"region", "language", "relationship", "annual_margin", "collector", "travel_minutes", "email",
			"phone", "contacts", "guarantor", "collateral_amount", "bureau_score", "do_not_contact",
			"insolvent", "represented", "customer_since"}
	case "activities":
		return []string{"activity_id", "customer_id", "done_on", "action", "outcome", "reason",
			"promise_date", "promise_amount", "minutes", "collector", "invoice_id", "randomised", "known_at", "agency"}
	case "disputes":
		return []string{"dispute_id", "invoice_id", "opened_on", "closed_on", "amount", "reason", "known_at"}
	case "rates":
		return []string{"date", "currency", "rate"}
	}
	return nil
}

// hasColumn tells whether the export has the canonical column.
func hasColumn(export, column string) bool { return slices.Contains(Columns(export), column) }
