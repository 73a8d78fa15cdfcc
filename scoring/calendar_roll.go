package scoring

import "fmt"

// Roll is the rule that moves a date which is no business day.
type Roll uint8

// The rules. Following moves to the next business day, Preceding to the one before;
// ModifiedFollowing is Following unless that leaves the month, then Preceding; None leaves
// the date where it is.
const (
	RollFollowing Roll = iota
	RollPreceding
	RollModifiedFollowing
	RollNone
)

var rollNames = [...]string{"following", "preceding", "modified_following", "none"}

// ParseRoll reads following, preceding, modified_following or none; "" is following.
func ParseRoll(s string) (Roll, error) {
	if s == "" {
		return RollFollowing, nil
	}
	for i, name := range rollNames {
		if s == name {
			return Roll(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a roll; there are following, preceding, modified_following and none", s)
}

// String is the name that ParseRoll reads.
func (r Roll) String() string {
	if int(r) < len(rollNames) {
		return rollNames[r]
	}
	return fmt.Sprintf("Roll(%d)", uint8(r))
}

// Roll moves d to a business day by a rule. NoDay stays NoDay.
func (c *Calendar) Roll(d Day, r Roll) Day {
	if d == NoDay || r == RollNone || c.Business(d) {
		return d
	}
	before := c.upTo(d)
	switch r {
	case RollPreceding:
		return c.nth(before)
	case RollModifiedFollowing:
		next := c.nth(before + 1)
		_, was, _ := d.Date()
		if _, is, _ := next.Date(); is != was {
			return c.nth(before)
		}
		return next
	}
	return c.nth(before + 1)
}
