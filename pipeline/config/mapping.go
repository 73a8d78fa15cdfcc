package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// dateLayout is how dates are written in the configuration.
const dateLayout = "2006-01-02"

// mapping is one mapping of the file while it is read: asking for a key makes it known, and done
// reports the keys that nobody asked for. The zero nodes of an absent mapping answer every
// question with "not there", so that a section without a value keeps its defaults.
type mapping struct {
	faults *Faults
	path   string     // "exports.payments", "" for the whole file
	node   *yaml.Node // where to report what is missing
	keys   []*yaml.Node
	values map[string]*yaml.Node
	known  []string
	broken bool // what stands here is no mapping, which has been reported
	merges int  // mappings merged so far
}

// fault records what is wrong at a node.
func (m *mapping) fault(at *yaml.Node, key, hint, format string, args ...any) {
	f := Fault{Key: key, Msg: fmt.Sprintf(format, args...), Hint: hint, Line: 1, Column: 1}
	if at != nil && at.Line > 0 {
		f.Line, f.Column = at.Line, at.Column
	}
	m.faults.List = append(m.faults.List, f)
}

// join is the path of a key.
func (m *mapping) join(key string) string {
	if m.path == "" {
		return key
	}
	return m.path + "." + key
}

// newMapping reads the keys of a mapping node; nil and null are an empty mapping.
func newMapping(faults *Faults, path string, at, n *yaml.Node) *mapping {
	m := &mapping{faults: faults, path: path, node: at, values: map[string]*yaml.Node{}}
	n = follow(n)
	if n == nil || isNull(n) {
		return m
	}
	if n.Kind != yaml.MappingNode {
		m.fault(n, path, "", "is %s, not a mapping of keys to values", describe(n))
		m.broken = true
		return m
	}
	m.add(n)
	return m
}

// maxMerges bounds the mappings merged into one: merges may multiply, and an anchor may contain itself.
const maxMerges = 32

// add takes the keys of n, then of the mappings it merges (<<) those it does not have.
func (m *mapping) add(n *yaml.Node) {
	own := map[string]int{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		key = follow(key)
		if key.Kind != yaml.ScalarNode || isNull(key) {
			m.fault(n.Content[i], m.path, "", "a key is %s, not a word", describe(key))
			continue
		}
		if line, twice := own[key.Value]; twice {
			m.fault(n.Content[i], m.join(key.Value), "keep one of them", "given twice, first on line %d", line)
			continue
		}
		own[key.Value] = n.Content[i].Line
		if _, there := m.values[key.Value]; !there {
			m.values[key.Value] = value
			m.keys = append(m.keys, n.Content[i])
		}
	}
	for _, value := range merged {
		m.merge(value)
	}
}

// merge adds what a merge key names: a mapping, or a list of mappings.
func (m *mapping) merge(value *yaml.Node) {
	list := []*yaml.Node{value}
	if n := follow(value); n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	for _, at := range list {
		n := follow(at)
		if n.Kind != yaml.MappingNode {
			m.fault(at, m.join("<<"), "", "is %s, not a mapping", describe(n))
			continue
		}
		if m.merges++; m.merges > maxMerges {
			if m.merges == maxMerges+1 {
				m.fault(at, m.join("<<"), "", "merges more than %d mappings", maxMerges)
			}
			return
		}
		m.add(n)
	}
}

// follow is the node that an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// describe says what a node is, for messages.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "empty"
	case "!!str":
		return fmt.Sprintf("the text %q", shorten(n.Value))
	case "!!int", "!!float":
		return "the number " + shorten(n.Value)
	case "!!bool":
		return "the truth value " + shorten(n.Value)
	case "!!timestamp":
		return "the date " + shorten(n.Value)
	}
	return fmt.Sprintf("%q with the tag %s", shorten(n.Value), n.ShortTag())
}

// shorten keeps messages to a line.
func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

// get makes the key known and is the node at its value, nil when the mapping has no such key.
func (m *mapping) get(key string) *yaml.Node {
	m.known = append(m.known, key)
	return follow(m.values[key])
}

// keyNode is the node of the key itself, for what is wrong with the key.
func (m *mapping) keyNode(key string) *yaml.Node {
	for _, n := range m.keys {
		if follow(n).Value == key {
			return n
		}
	}
	return m.node
}

// sub is the mapping at a key.
func (m *mapping) sub(key string) *mapping {
	return newMapping(m.faults, m.join(key), m.keyNode(key), m.get(key))
}

// done reports the keys that nobody asked for.
func (m *mapping) done() {
	for _, n := range m.keys {
		if key := follow(n).Value; !slices.Contains(m.known, key) {
			m.fault(n, m.join(shorten(key)), suggest(key, m.known), "unknown key")
		}
	}
}

// scalar is the text of the value at a key as it is written, whatever YAML takes it for: 007
// stays 007, NO stays NO and 2006-01-02 is no timestamp.
func (m *mapping) scalar(key string) (string, *yaml.Node, bool) {
	n := m.get(key)
	if n == nil {
		return "", nil, false
	}
	text, ok := m.scalarAt(n, m.join(key))
	return text, n, ok
}

// scalarAt is the text of a node that must be a word, a number or a date.
func (m *mapping) scalarAt(n *yaml.Node, path string) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode, !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!null"}, n.ShortTag()):
		m.fault(n, path, "", "is %s, not a text", describe(n))
		return "", false
	case isNull(n), n.Value == "":
		m.fault(n, path, "remove the key for its default", "is empty")
		return "", false
	case strings.ContainsAny(n.Value, "\x00\n\r"):
		m.fault(n, path, "", "%q is more than one line", shorten(n.Value))
		return "", false
	}
	return n.Value, true
}

// text reads a text.
func (m *mapping) text(key string, into *string) bool {
	s, _, ok := m.scalar(key)
	if ok {
		*into = s
	}
	return ok
}

// choice reads one of several words.
func (m *mapping) choice(key string, into *string, words ...string) {
	s, n, ok := m.scalar(key)
	if !ok {
		return
	}
	if !slices.Contains(words, s) {
		m.fault(n, m.join(key), nearest(s, words), "%q is not one of %s", shorten(s), strings.Join(words, ", "))
		return
	}
	*into = s
}

// number reads a number within lo..hi.
func (m *mapping) number(key string, into *float64, lo, hi float64) {
	n := m.get(key)
	if n == nil {
		return
	}
	m.numberAt(n, m.join(key), into, lo, hi)
}

func (m *mapping) numberAt(n *yaml.Node, path string, into *float64, lo, hi float64) {
	if tag := n.ShortTag(); n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" {
		m.fault(n, path, numberHint(n), "is %s, not a number", describe(n))
		return
	}
	if !plainNumber(n.Value) {
		m.fault(n, path, cmp.Or(numberHint(n), "write it in plain decimal digits"), "%s is not a plain number", shorten(n.Value))
		return
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	if err != nil || v < lo || v > hi {
		m.fault(n, path, "", "%s is not %s", shorten(n.Value), bounds(lo, hi))
		return
	}
	*into = v + 0 // -0 becomes 0
}

// numberHint is how to write what was probably meant as a number.
func numberHint(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	s := strings.NewReplacer(",", "", "_", "", " ", "").Replace(n.Value)
	if percent, ok := strings.CutSuffix(s, "%"); ok {
		if v, err := strconv.ParseFloat(percent, 64); err == nil && v >= 0 && v <= 100 {
			return "write " + strconv.FormatFloat(v/100, 'g', 6, 64)
		}
		return ""
	}
	if plainNumber(s) {
		return "write " + s
	}
	return ""
}

// plainNumber tells whether s is a decimal number without the other forms that YAML and Go
// know: no leading zeros (octal), no 0x, no underscores, no infinity.
func plainNumber(s string) bool {
	s = strings.TrimLeft(s, "+-")
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.eE+-") != "" || strings.ContainsAny(s[:1], "eE") {
		return false
	}
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// bounds says which numbers are wanted.
func bounds(lo, hi float64) string {
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if math.IsInf(hi, 1) {
		return f(lo) + " or more"
	}
	return "in " + f(lo) + ".." + f(hi)
}

// integer reads a whole number within lo..hi.
func (m *mapping) integer(key string, into *int, lo, hi int) {
	n := m.get(key)
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!float" {
		m.fault(n, m.join(key), "", "%s is not a whole number", shorten(n.Value))
		return
	}
	v := math.NaN()
	if m.numberAt(n, m.join(key), &v, float64(lo), float64(hi)); !math.IsNaN(v) {
		*into = int(v)
	}
}

// boolean reads a truth value: true or false, or yes, no, on and off.
func (m *mapping) boolean(key string, into *bool) {
	n := m.get(key)
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on":
			*into = true
			return
		case "false", "no", "off":
			*into = false
			return
		}
	}
	m.fault(n, m.join(key), "write true or false", "is %s, not a truth value", describe(n))
}

// date reads a date.
func (m *mapping) date(key string, into *string) {
	s, n, ok := m.scalar(key)
	if !ok {
		return
	}
	if !isDate(s) {
		m.fault(n, m.join(key), "write it as YYYY-MM-DD", "%q is not a date", shorten(s))
		return
	}
	*into = s
}

// isDate tells whether s is a day of the calendar written YYYY-MM-DD.
func isDate(s string) bool {
	_, err := time.Parse(dateLayout, s)
	return err == nil && len(s) == len(dateLayout)
}

// texts reads a list of texts; a single text is a list of one. A null in it is taken as it is
// written: null_values may list NULL.
func (m *mapping) texts(key string) ([]string, []*yaml.Node) {
	n := m.get(key)
	if n == nil {
		return nil, nil
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	var out []string
	var nodes []*yaml.Node
	for i, at := range list {
		at = follow(at)
		path := m.join(key)
		if n.Kind == yaml.SequenceNode {
			path += "[" + strconv.Itoa(i) + "]"
		}
		if isNull(at) && at.Value != "" {
			out, nodes = append(out, at.Value), append(nodes, at)
		} else if s, ok := m.scalarAt(at, path); ok {
			out, nodes = append(out, s), append(nodes, at)
		}
	}
	return out, nodes
}
