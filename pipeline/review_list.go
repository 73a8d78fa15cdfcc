package pipeline

import (
	"cmp"
	"slices"

	"kaishu/pipeline/table"
	"kaishu/scoring"
)

// Which recommendations a credit manager is shown. reviews.parquet has all that stand; reviews.csv lists
// those to decide on now: of each kind a few, the largest exposure first, and none again that was
// listed a short while ago. So a first night's backlog is worked off over the next ones, and a usual
// night's page is what is new.

// standing is what a night knows of a recommendation besides itself, which is made again when it is written:
// there is one to two customers, and its texts would take more room than all that is known of them otherwise.
type standing struct {
	kind     string
	of       *decision
	exposure int64
	fresh    bool        // it did not stand the night before
	since    scoring.Day // it has stood since
	listed   bool        // it is on tonight's page
	listedOn scoring.Day // it was last on a page, NoDay never
}

// earlier is a recommendation of the night before.
type earlier struct {
	kind            string
	since, listedOn scoring.Day
}

// stands reports whether a kind of recommendation stood the night before.
func (b before) stands(kind string) bool { return b.review(kind) != nil }

func (b before) review(kind string) *earlier {
	for i := range b.reviews {
		if b.reviews[i].kind == kind {
			return &b.reviews[i]
		}
	}
	return nil
}

// reviewOrder is the order of the page: what is urgent first.
var reviewOrder = []string{reviewTell, reviewHold, reviewRelease, reviewFailed, reviewRestored, reviewProgress, reviewPrepay, reviewCut,
	reviewSecurity, reviewAgency, reviewStart, reviewPlan, reviewRaise, reviewReward}

// stand appends what is recommended about a customer, compared with the night before.
func (n *night) stand(c *customer, list []standing) []standing {
	var room [4]review
	for _, r := range n.reviews(c, room[:0]) {
		s := standing{kind: r.kind, of: c.decision, exposure: c.Exposure, fresh: true, since: n.asOf, listedOn: scoring.NoDay}
		if b := n.before[c.Customer].review(r.kind); b != nil && r.kind != reviewTell { // what is told is news each time
			s.fresh, s.listedOn = false, b.listedOn
			if b.since != scoring.NoDay {
				s.since = b.since
			}
		}
		list = append(list, s)
	}
	return list
}

// listReviews chooses what is listed of all that stands.
func (n *night) listReviews() {
	most := n.cfg.Reviews.ListMost
	due := map[string]*shortlist{}
	for _, kind := range reviewOrder {
		due[kind] = &shortlist{}
	}
	for i := range n.standing {
		if s := &n.standing[i]; s.listedOn == scoring.NoDay || n.asOf-s.listedOn >= scoring.Day(n.cfg.Reviews.RepeatDays) {
			due[s.kind].add(s, most)
		}
	}
	for _, kind := range reviewOrder {
		for _, s := range due[kind].first(most) {
			s.listed, s.listedOn = true, n.asOf
		}
	}
}

// shortlist finds the first few of many by exposure, without putting all of them in order: a kind may stand for every
// other customer, and ten are listed.
type shortlist struct {
	found []*standing
	last  *standing // of as many as there may be, nil until there are: what comes behind it is not among the first
}

func (l *shortlist) add(s *standing, most int) {
	if l.last != nil && byExposure(l.last, s) < 0 {
		return
	}
	if l.found = append(l.found, s); len(l.found) >= 2*most+16 {
		if l.first(most); most > 0 {
			l.last = l.found[most-1]
		}
	}
}

// first is the first ones in order, at most so many; the others are forgotten.
func (l *shortlist) first(most int) []*standing {
	slices.SortFunc(l.found, byExposure)
	l.found = l.found[:min(len(l.found), most)]
	return l.found
}

// byExposure puts the largest exposure first, ties by the bytes of the id.
func byExposure(a, b *standing) int {
	return cmp.Or(-cmp.Compare(a.exposure, b.exposure), inOrder(a.of, b.of))
}

func reviewColumns(base int) []table.OutColumn {
	return []table.OutColumn{
		str("customer_id"), ostr("name"), str("review"), {Name: "new", Type: table.OutBool}, str("rule"), str("advice"), odec("amount", base), odate("until"), str("currency"),
		dec("exposure", base), odec("credit_limit", base), odbl("utilization"), num("days_past_due_max"), odbl("p_90dpd"), odbl("score"), ostr("risk_grade"),
		ostr("reason_1"), ostr("reason_2"), ostr("reason_3"), ostr("reason_4"),
		date("since"), {Name: "listed", Type: table.OutBool}, odate("listed_on"),
	}
}

// fillReviews writes all recommendations that stand, by customer.
func (n *night) fillReviews(s *sheet, page int, list []*customer, full func() error) error {
	from, _ := slices.BinarySearchFunc(n.standing, page*pageSize, func(s standing, at int) int { return cmp.Compare(s.of.at, at) })
	left := n.standing[from:]
	var made []review
	for _, c := range list {
		if len(left) == 0 || left[0].of != c.decision {
			continue
		}
		made = n.reviews(c, made[:0])
		for i := range made {
			n.fillReview(s, c, &made[i], &left[i])
			if err := full(); err != nil {
				return err
			}
		}
		left = left[len(made):]
	}
	return nil
}

// fillPage writes those that are listed, by kind and exposure.
func (n *night) fillPage(s *sheet, full func() error) error {
	var page []*standing
	for i := range n.standing {
		if r := &n.standing[i]; r.listed {
			page = append(page, r)
		}
	}
	slices.SortStableFunc(page, func(a, b *standing) int {
		return cmp.Or(cmp.Compare(slices.Index(reviewOrder, a.kind), slices.Index(reviewOrder, b.kind)), byExposure(a, b))
	})
	var who []*decision
	for _, r := range page {
		who = append(who, r.of)
	}
	return n.eachOf(who, func(c *customer) error {
		for _, r := range n.reviews(c, nil) {
			if r.kind == page[0].kind {
				n.fillReview(s, c, &r, page[0])
			}
		}
		page = page[1:]
		return full()
	})
}

func (n *night) fillReview(s *sheet, c *customer, r *review, at *standing) {
	s.text(c.Customer).maybeText(c.Master.Name).text(r.kind).bool(at.fresh).text(r.rule()).text(r.advice()).maybeMoney(r.amount, r.hasAmount).
		day(r.until).text(n.currency.String()).
		money(c.Exposure).maybeMoney(c.Limit, c.HasLimit).share(ratio(c.Exposure, c.Limit, c.HasLimit)).int(c.PastDueMax).share(c.p90).share(c.score).maybeText(c.grade)
	reasons := n.rowReasons(c)
	for k := range 4 {
		if k < len(reasons) {
			s.text(reasons[k])
		} else {
			s.null()
		}
	}
	s.day(at.since).bool(at.listed).day(at.listedOn).row()
}
