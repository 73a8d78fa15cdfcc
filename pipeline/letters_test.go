package pipeline_test

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
)

// asked adds up what a letter in Japanese asks for: its total, and what is not due yet.
func asked(t *testing.T, body string) int {
	t.Helper()
	sum := 0
	for _, m := range regexp.MustCompile(`(?m)^  (?:合計|.*ご参考・お支払期日前.*日) ([\d,]+)円$`).FindAllStringSubmatch(body, -1) {
		v, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		sum += v
	}
	return sum
}

// Every letter and e-mail of the worklist has its text: its items, the total that the row asks for, the date,
// how to pay and what to quote, in the customer's language; and who calls can say how to pay.
func TestEveryLetterSaysWhatTheRowAsksForAndHowToPay(t *testing.T) {
	night := quickNight(t, generated(t, fixtures.Options{Customers: 150}), func(c *config.Config) {
		c.Letters.Instructions = map[string]string{"ja": "銀行振込(みずほ 001-1234567)\nまたは https://pay.example/", "en": "transfer"}
		c.Letters.Sender = "回収商事 経理部"
		c.Interest.Table = "jp-statutory"
		c.Policy.WaitEffect, c.Policy.HabitGrace = false, false
		for i := range c.Capacity.Resources {
			if r := &c.Capacity.Resources[i]; r.Name == "letters" || r.Name == "emails" {
				r.PerDay = 25
			}
		}
		for i := range c.Actions { // enough of each kind
			a := &c.Actions[i]
			a.Enabled = a.Channel == "email" || a.Channel == "letter" || a.Name == "call"
		}
	})
	accounts := byCustomer(cells(t, filepath.Join(night, "accounts.parquet")))
	letters := byCustomer(cells(t, filepath.Join(night, "letters.parquet")))
	kinds, calls := map[string]int{}, 0
	for _, r := range cells(t, filepath.Join(night, "worklist.parquet")) {
		l := letters[r["customer_id"]]
		if r["channel"] == "call" {
			calls++
			if !strings.HasSuffix(r["say"], "; to pay: 銀行振込(みずほ 001-1234567)") {
				t.Errorf("%s: %s", r["customer_id"], r["say"])
			}
		}
		if (l != nil) != (r["channel"] == "email" || r["channel"] == "letter") {
			t.Errorf("%s by %s: letter %v", r["customer_id"], r["channel"], l)
		}
		if l == nil {
			continue
		}
		kinds[l["kind"]]++
		body := l["body"]
		for _, id := range strings.Split(r["items"], ";") {
			if !strings.Contains(body, id) {
				t.Errorf("%s: no word of %s", r["customer_id"], id)
			}
		}
		date := strings.Split(r["ask_by"], "-")
		month, day := strings.TrimLeft(date[1], "0"), strings.TrimLeft(date[2], "0")
		due := date[0] + "年" + month + "月" + day + "日"
		if got := strconv.Itoa(asked(t, body)); got != r["ask_amount"] {
			t.Errorf("%s: asks for %s, the row for %s\n%s", r["customer_id"], got, r["ask_amount"], body)
		}
		if overdue, _, _ := strings.Cut(body, "合計"); l["kind"] == "demand" && strings.Count(overdue, "請求書番号") != strings.Count(overdue, "日経過") {
			t.Errorf("%s: demands what is not overdue\n%s", r["customer_id"], body)
		}
		for _, want := range []string{"https://pay.example/", "ご依頼番号：" + r["customer_id"], "回収商事"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q in\n%s", r["customer_id"], want, body)
			}
		}
		if l["kind"] != "pre_due" && !strings.Contains(body, due) || l["language"] != "ja" || l["pay_by"] != r["ask_by"] || l["reference"] != r["customer_id"] {
			t.Errorf("%v\n%v", l, r)
		}
		if demand := r["tone"] == "formal"; demand != (l["kind"] == "demand") || demand && !strings.Contains(body, "遅延損害金") {
			t.Errorf("%s in tone %s: %s\n%s", r["customer_id"], r["tone"], l["kind"], body)
		}
		if l["kind"] == "pre_due" && number(t, accounts[r["customer_id"]]["overdue_amount"]) > 0 {
			t.Errorf("%s is overdue and is written to as before the due date", r["customer_id"])
		}
		delete(letters, r["customer_id"])
	}
	if len(letters) > 0 || kinds["demand"] == 0 || kinds["reminder"] == 0 || kinds["firm"] == 0 || kinds["pre_due"] == 0 || calls == 0 {
		t.Errorf("%d letters without a row; kinds %v, %d calls", len(letters), kinds, calls)
	}
}
