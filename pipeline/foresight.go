package pipeline

import (
	"errors"
	"math"
	"math/bits"

	"kaishu/scoring"
	"kaishu/scoring/hazard"
)

// foresight has a sampler raise its level before it has counted too many landmarks: as soon as those of the shards
// that are done say that there will be. Of a book of ten million invoices customers are looked at on 185,000 days of the past so,
// where a sampler without foresight has them looked at on 539,000, and invoices that are open on one of those days are many fewer.
//
// It must not go too far, since what was never looked at is not there when it turns out to have fitted in. That the level
// is the lowest at which no more than the limit are left, as without foresight, is proved by what was counted: of those that the
// level below lets through there are more than the limit, though after the level was raised only some of them were
// counted. So the level goes up when those counted until then, and those that the next level will let through of the
// shards to come, surely are more than the limit. What proves to have been no good guess is errForeseen.
type foresight struct {
	shards  int // of the whole; 0 for no foresight
	done    int
	zeros   [65]int64   // of sampler.zeros, those of the shards that are done
	squares [65]float64 // of what the customers of those have that a level lets through
}

// errForeseen says that a night has thinned its landmarks more than it had to. It is to be done again without
// foresight.
var errForeseen = errors.New("the sample of landmarks was thinned more than it need be")

// surely is how many standard errors what is to come is taken to be less than the shards that are done say: so far off by
// chance is one guess of thirty thousand, of many customers, that are dealt to shards by hash. Where few make up most of a book, the
// squares of what they have say so. With n shards done and m to come, the square of a standard error is (m/n)² times
// those squares, which is that of what is done, and m/n times, which is that of what is to come.
const surely = 4

// foresee takes the landmarks of a shard that is done, customer by customer, and raises the level as far as it
// will have to go.
func (s *sampler) foresee(ls []hazard.Landmark) {
	f := &s.ahead
	if f.shards == 0 {
		return
	}
	f.done++
	for len(ls) > 0 {
		one := ls[:1]
		for len(one) < len(ls) && ls[len(one)].Customer == ls[0].Customer {
			one = ls[:len(one)+1]
		}
		ls = ls[len(one):]
		f.count(one)
	}
	to := float64(f.shards-f.done) / float64(f.done)
	for s.level < 63 {
		counted, next := sumFrom(&f.zeros, s.level), sumFrom(&f.zeros, s.level+1)
		coming := float64(to*float64(next)) - surely*math.Sqrt(float64(f.squares[s.level+1]*float64(float64(to*to)+to)))
		if float64(counted)+coming <= float64(s.limit) {
			return
		}
		s.level++
	}
}

// count counts the landmarks of a customer.
func (f *foresight) count(ls []hazard.Landmark) {
	var zeros [65]int64
	most := 0
	for i := range ls {
		z := bits.LeadingZeros64(scoring.LandmarkGate(&ls[i]))
		zeros[z] += int64(ls[i].Periods())
		most = max(most, z)
	}
	left := int64(0)
	for z := most; z >= 0; z-- {
		left += zeros[z]
		f.zeros[z] += zeros[z]
		f.squares[z] += float64(float64(left) * float64(left))
	}
}

// proved tells whether the level is the lowest at which no more than the limit are left.
func (s *sampler) proved() bool {
	return s.level == 0 || sumFrom(&s.zeros, s.level-1) > s.limit
}

// sumFrom is what a level lets through of person-periods by leading zeros.
func sumFrom(zeros *[65]int64, level int) (sum int64) {
	for _, n := range zeros[level:] {
		sum += n
	}
	return sum
}
