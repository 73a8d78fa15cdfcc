package pipeline_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every test that the page of practices names is there, and every code of the practices has its line.
func TestPracticesNameTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("../docs/practices.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	err = filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllSubmatch(source, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(string(page), -1) {
		if !there[name] {
			t.Errorf("%s is named and not there", name)
		}
	}
	codes := "S1 S2 S3 S4 S5 S6 S7 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 D1/D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 V1 V2 V3 V4 V5 V6 V7 V8 V10"
	for _, code := range strings.Fields(codes) {
		if !strings.Contains(string(page), "\n| "+code+" |") {
			t.Errorf("no line about %s", code)
		}
	}
}
