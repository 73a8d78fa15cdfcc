package pipeline_test

import (
	"path/filepath"
	"testing"

	"kaishu/fixtures"
	"kaishu/pipeline/config"
)

// With visits and online meetings on the same minutes, the plan visits who is near and meets the others
// online: everybody lives at one end of the same road, once next door and once five hours away.
func TestWhoIsFarAwayIsMetOnline(t *testing.T) {
	counts := map[string]map[string]int{}
	for _, travel := range []string{"0", "300"} {
		dir := generated(t, fixtures.Options{Customers: 120})
		path := filepath.Join(dir, "customers.csv")
		all := readCSV(t, path)
		for i, h := range all[0] {
			for _, row := range all[1:] {
				if h == "travel_minutes" {
					row[i] = travel
				}
			}
		}
		writeCSV(t, path, all)
		night := quickNight(t, dir, func(c *config.Config) {
			for i := range c.Actions {
				a := &c.Actions[i]
				a.Enabled = a.Name == "visit" || a.Name == "online_meeting"
				a.Relationship, a.Money = 0, 0
			}
			c.Policy.WaitEffect, c.Policy.HabitGrace = false, false
			c.Capacity.MinuteCost = 20
		})
		counts[travel] = map[string]int{}
		for _, r := range cells(t, filepath.Join(night, "worklist.parquet")) {
			counts[travel][r["action"]]++
		}
	}
	near, far := counts["0"], counts["300"]
	if near["visit"] == 0 || far["visit"] != 0 || far["online_meeting"] <= near["online_meeting"] {
		t.Errorf("next door %v, five hours away %v", near, far)
	}
}
