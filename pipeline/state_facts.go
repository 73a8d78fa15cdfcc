package pipeline

import (
	"encoding/hex"
	"encoding/json"
	"errors"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// stateFacts is what reading a file gave besides its rows, as if it were the only file of the run.
type stateFacts struct {
	Reading string // of stateKey
	SHA256  string
	Bytes   int64

	Rows    int64
	Skipped int64
	Rejects []stateReject            `json:",omitempty"`
	Late    []stateReject            `json:",omitempty"` // refused while routed; only Place, Column and Cause
	Latest  scoring.Day              // NoDay without a fact
	Read    [2]map[string]stateTotal // as lane.read, by code
}

// stateReject is a refused row. Texts of the input are bytes, since JSON keeps those whatever they are.
type stateReject struct {
	Row, Line int64 `json:",omitempty"`
	Place     int64
	Column    string
	Cause     []byte
	Raw       []byte `json:",omitempty"`
}

// stateTotal is a readTotal.
type stateTotal struct {
	Rows   int64
	Amount scoring.Sum
}

// factsOf gathers what a scan and its lanes, which served no other file, have to tell.
func factsOf(r *table.Result, lanes []*lane) *stateFacts {
	f := &stateFacts{SHA256: hex.EncodeToString(r.SHA256[:]), Bytes: r.Bytes, Rows: r.Rows, Skipped: r.Skipped, Latest: scoring.NoDay}
	for _, x := range r.Rejects {
		f.Rejects = append(f.Rejects, stateReject{x.Row, x.Line, x.Place, x.Column, []byte(x.Cause), []byte(x.Raw)})
	}
	for i := range f.Read {
		f.Read[i] = map[string]stateTotal{}
	}
	for _, l := range lanes {
		f.Latest = max(f.Latest, l.latest)
		for _, x := range l.refused {
			f.Late = append(f.Late, stateReject{Place: x.place, Column: x.column, Cause: []byte(x.cause)})
		}
		for i := range l.read {
			for c, t := range l.read[i] {
				sum := f.Read[i][c.String()]
				sum.Rows += t.rows
				sum.Amount.AddSum(t.amount)
				f.Read[i][c.String()] = sum
			}
		}
	}
	return f
}

// readFacts reads the facts of an entry and checks that they are of what the key says.
func readFacts(data []byte, k *stateKey) (*stateFacts, error) {
	f := &stateFacts{}
	if err := json.Unmarshal(data, f); err != nil {
		return nil, err
	}
	if f.Reading != k.reading || f.SHA256 != k.sum || f.Bytes != k.size {
		return nil, errors.New("is of another file, or of one read otherwise")
	}
	for i := range f.Read {
		for code := range f.Read[i] {
			if _, err := currencyOf(code); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func currencyOf(code string) (scoring.Currency, error) {
	if code == "" {
		return scoring.NoCurrency, nil
	}
	return scoring.ParseCurrency(code)
}

// result is what a scan of the file would have returned, of the file with the given index.
func (f *stateFacts) result(file int) table.Result {
	r := table.Result{Rows: f.Rows, Skipped: f.Skipped, Bytes: f.Bytes}
	_, _ = hex.Decode(r.SHA256[:], []byte(f.SHA256)) // compared with the file's when it was read
	for _, x := range f.Rejects {
		r.Rejects = append(r.Rejects, table.Reject{File: file, Row: x.Row, Line: x.Line, Place: x.Place,
			Column: x.Column, Cause: string(x.Cause), Raw: string(x.Raw)})
	}
	return r
}

// tell adds to a lane what routing the file's rows would have.
func (f *stateFacts) tell(l *lane, file int) {
	l.fact(f.Latest)
	for _, x := range f.Late {
		l.refused = append(l.refused, lateReject{file: file, place: x.Place, column: x.Column, cause: string(x.Cause)})
	}
	for i := range f.Read {
		for code, t := range f.Read[i] {
			c, _ := currencyOf(code) // tried when it was read
			sum := l.read[i][c]
			if sum == nil {
				sum = &readTotal{}
				l.read[i][c] = sum
			}
			sum.rows += t.Rows
			sum.amount.AddSum(t.Amount)
		}
	}
}
