package config

import (
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"kaishu/pipeline/letter"
)

// Letters are the texts of letters and e-mails in letters.parquet and letters.csv.
type Letters struct {
	// Enabled writes them. Default true.
	Enabled bool `json:"enabled"`
	// Language is that of customers without one. Default ja where the reporting currency is JPY, else en.
	Language string `json:"language"`
	// Sender is who signs. Default "".
	Sender string `json:"sender"`
	// Instructions are the ways to pay, by language: accounts, links, whom to ask. They stand in every letter, and
	// their first line in say. Default none: the invoices say it.
	Instructions map[string]string `json:"payment_instructions"`
	// Templates is the text of own templates, which take the places of the built-in ones (package letter). In the
	// file: the text, or the path of a file with it.
	Templates string `json:"templates,omitempty"`
}

func (l *Letters) parse(m *mapping, dir string) {
	m.boolean("enabled", &l.Enabled)
	m.text("language", &l.Language)
	m.prose("sender", &l.Sender)
	if m.get("payment_instructions") != nil {
		sub := m.sub("payment_instructions")
		for _, n := range sub.keys {
			text := ""
			sub.prose(follow(n).Value, &text)
			l.Instructions[follow(n).Value] = text
		}
	}
	l.parseTemplates(m, dir)
	m.done()
}

// parseTemplates reads own templates and tries them.
func (l *Letters) parseTemplates(m *mapping, dir string) {
	text := ""
	m.prose("templates", &text)
	n := m.get("templates")
	if text == "" {
		return
	}
	where := ""
	if !strings.Contains(text, "{{") {
		where = filepath.Base(text) + ": "
		data, err := readText(resolve(dir, text))
		if err != nil {
			m.fault(n, m.join("templates"), "", "reading templates of letters: %v", err)
			return
		}
		text = string(data)
	}
	if _, err := letter.Parse(text); err != nil {
		m.fault(n, m.join("templates"), "", "%s%v", where, err)
		return
	}
	l.Templates = text
}

// prose reads a text that may have several lines.
func (m *mapping) prose(key string, into *string) {
	n := m.get(key)
	if n == nil {
		return
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains([]string{"!!str", "!!int", "!!float", "!!null"}, n.ShortTag()) || strings.ContainsRune(n.Value, 0) {
		m.fault(n, m.join(key), "", "is %s, not a text", describe(n))
		return
	}
	if !isNull(n) {
		*into = strings.TrimSpace(n.Value)
	}
}
