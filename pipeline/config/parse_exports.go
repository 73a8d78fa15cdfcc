package config

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

func (e *Exports) parse(m *mapping, dir string) {
	for _, name := range ExportNames() {
		s := e.source(name)
		s.Export = name
		at := m.get(name)
		if at == nil {
			if (name == "invoices" || name == "payments") && !m.broken {
				m.fault(m.node, m.join(name)+".path", "", "is missing")
			}
			continue
		}
		if at.Kind == yaml.ScalarNode && !isNull(at) {
			m.fault(at, m.join(name), "write {path: "+shorten(at.Value)+"}", "is %s, not a mapping of keys to values", describe(at))
			continue
		}
		s.Line = m.keyNode(name).Line
		s.parse(m.sub(name), dir)
	}
	m.done()
}

func (s *Source) parse(m *mapping, dir string) {
	s.Encoding = "utf-8"
	if m.text("path", &s.Written) {
		s.Path = resolve(dir, s.Written)
	} else if m.values["path"] == nil && !m.broken {
		m.fault(m.node, m.join("path"), "", "is missing")
	}
	s.parseColumns(m.sub("columns"))
	s.parseEncoding(m)
	s.parseDateFormat(m)
	s.parseDelimiter(m)
	numbers := "strict"
	if m.choice("numbers", &numbers, "strict", "lenient"); numbers == "lenient" {
		s.Numbers = numbers
	}
	ids := "as_written"
	if m.choice("ids", &ids, "as_written", "repair_decimal"); ids == "repair_decimal" {
		s.IDs = ids
	}
	s.Null, _ = m.texts("null_values")
	present, nodes := m.texts("present")
	for i, column := range present {
		if !hasColumn(s.Export, column) {
			m.fault(nodes[i], m.join("present"), suggest(column, Columns(s.Export)), "%q is not a column of %s", shorten(column), s.Export)
		}
	}
	s.Present = present
	m.done()
}

// parseColumns reads the mapping of canonical names to names in the file.
func (s *Source) parseColumns(m *mapping) {
	for _, n := range m.keys {
		column, name := follow(n).Value, ""
		if !m.text(column, &name) {
			continue
		}
		if !hasColumn(s.Export, column) {
			hint := suggest(column, Columns(s.Export))
			if hasColumn(s.Export, name) {
				hint = "the canonical name comes first: " + name + ": " + shorten(column)
			}
			m.fault(n, m.join(shorten(column)), hint, "is not a column of %s", s.Export)
			continue
		}
		if s.Columns == nil {
			s.Columns = map[string]string{}
		}
		s.Columns[column] = name
	}
}

func (s *Source) parseEncoding(m *mapping) {
	name, n, ok := m.scalar("encoding")
	if !ok {
		return
	}
	known := []string{"utf-8", "cp932", "euc-jp", "utf-16", "utf-16le", "utf-16be", "windows-1252"}
	lower := strings.ToLower(name)
	switch lower {
	case "utf8":
		lower = "utf-8"
	case "shift_jis", "shift-jis", "sjis", "windows-31j":
		lower = "cp932"
	case "cp1252":
		lower = "windows-1252"
	}
	if !slices.Contains(known, lower) {
		m.fault(n, m.join("encoding"), nearest(name, known), "%q is not one of %s", shorten(name), strings.Join(known, ", "))
		return
	}
	s.Encoding = lower
}

// parseDateFormat reads a Go layout and tries it: it must bring a date back that it wrote.
func (s *Source) parseDateFormat(m *mapping) {
	layout, n, ok := m.scalar("date_format")
	if !ok || layout == dateLayout {
		return
	}
	if !writesDates(layout) {
		hint := `write how 2 January 2006 would look, such as "2006/1/2" or "01/02/2006"`
		if guess := strings.NewReplacer("yyyy", "2006", "YYYY", "2006", "%Y", "2006", "MM", "01", "%m", "01",
			"DD", "02", "dd", "02", "%d", "02", "M", "1", "D", "2", "d", "2").Replace(layout); writesDates(guess) {
			hint = `write "` + guess + `": how 2 January 2006 would look`
		}
		m.fault(n, m.join("date_format"), hint, "%q does not write dates", shorten(layout))
		return
	}
	s.DateFormat = layout
}

// writesDates tells whether a layout writes a date so that it can be read back.
func writesDates(layout string) bool {
	for _, day := range []time.Time{
		time.Date(2019, 11, 23, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 2, 9, 0, 0, 0, 0, time.UTC),
	} {
		back, err := time.Parse(layout, day.Format(layout))
		if err != nil || !back.Equal(day) {
			return false
		}
	}
	return true
}

func (s *Source) parseDelimiter(m *mapping) {
	name, n, ok := m.scalar("delimiter")
	if !ok {
		return
	}
	switch name {
	case "comma", ",":
		s.Delimiter = ","
	case "semicolon", ";":
		s.Delimiter = ";"
	case "tab", "\t", `\t`:
		s.Delimiter = "\t"
	default:
		m.fault(n, m.join("delimiter"), "write comma, semicolon or tab", "%q is not a delimiter", shorten(name))
	}
}

func (c *Calendar) parse(m *mapping, dir string) {
	m.choice("country", &c.Country, "JP", "weekdays", "none")
	m.choice("roll", &c.Roll, "following", "preceding", "modified_following", "none")
	if n := m.get("closures"); n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && !isDate(n.Value) {
		c.Closures = readClosures(m, n, resolve(dir, n.Value))
	} else {
		days, nodes := m.texts("closures")
		for i, day := range days {
			if !isDate(day) {
				m.fault(nodes[i], m.join("closures"), "write it as YYYY-MM-DD", "%q is not a date", shorten(day))
			}
		}
		c.Closures = days
	}
	slices.Sort(c.Closures)
	c.Closures = slices.Compact(c.Closures)
	m.done()
}

// readClosures reads a file with one date a line.
func readClosures(m *mapping, n *yaml.Node, path string) []string {
	if strings.ContainsAny(path, "\x00\n\r") || n.Value == "" {
		m.fault(n, m.join("closures"), "", "is %s, not a list of dates or the path of a file", describe(n))
		return nil
	}
	data, err := readText(path)
	if err != nil {
		m.fault(n, m.join("closures"), "", "reading the closures: %v", err)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var days []string
	bad := 0
	for i, line := range strings.Split(string(data), "\n") {
		day, _, _ := strings.Cut(line, "#")
		day = strings.TrimSpace(day)
		switch {
		case day == "":
		case isDate(day):
			days = append(days, day)
		default:
			if bad++; bad <= 3 { // enough to see what the file is
				m.fault(n, m.join("closures"), "write one date a line, as YYYY-MM-DD", "%s:%d: %q is not a date", n.Value, i+1, shorten(day))
			}
		}
	}
	return days
}
