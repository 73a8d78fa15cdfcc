package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kaishu/pipeline/config"
	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// notThere adds to the error of an export whose files are not found a hint that says which key names them, where that leads to, and
// what is there instead.
func notThere(err error, e scoring.Export, s *config.Source) error {
	var missing *table.Error
	if !errors.As(err, &missing) || missing.Hint != "" {
		return err
	}
	path := s.Path
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	with := *missing
	with.Hint = fmt.Sprintf("exports.%s.path, in line %d of the configuration, leads to %s", exportName(e), s.Line, path)
	if there := beside(path); there != "" {
		with.Hint += "; " + there
	}
	return &with
}

// beside says what there is in place of a file or a pattern.
func beside(path string) string {
	folder, name := filepath.Split(path)
	if at := strings.IndexAny(folder, "*?["); at >= 0 {
		folder = filepath.Dir(folder[:at] + "x")
	}
	folder = filepath.Clean(folder)
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		parent := filepath.Dir(folder)
		for parent != filepath.Dir(parent) {
			if _, err := os.Stat(parent); err == nil {
				break
			}
			parent = filepath.Dir(parent)
		}
		return fmt.Sprintf("there is no folder %s, only %s", folder, parent)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "" // the error of the file says as much
	}
	var names, stems []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names, stems = append(names, e.Name()), append(stems, stem(e.Name()))
		}
	}
	near := config.Nearest(name, names)
	if near == "" {
		if like := config.Nearest(stem(name), stems); like != "" {
			near = names[slices.Index(stems, like)]
		}
	}
	if near != "" {
		return "did you mean " + near + "?"
	}
	const most = 8
	switch {
	case len(names) == 0:
		return "the folder is empty"
	case len(names) > most:
		names = append(names[:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	return "the folder has: " + strings.Join(names, ", ")
}

// stem is the name of a file without its endings, such as payments of payments.csv.gz.
func stem(name string) string {
	stem, _, _ := strings.Cut(name, ".")
	return stem
}
