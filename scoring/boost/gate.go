package boost

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kaishu/scoring/hazard"
)

// What it takes to replace the linear model. It is the default because it is robust, fast and its
// reasons are its coefficients; on small books trees are worse as often as better.
const (
	MinInvoices = 20_000
	minTrials   = 3
	minGain     = .01 // of log loss, relative
	minErrors   = 2   // standard errors
	replicates  = 200 // of the bootstrap
	seed        = 0x6b616973687531
	eceBins     = 10
)

// Verdict says whether trees replace the linear model, and what it rests on.
type Verdict struct {
	Promoted bool     `json:"promoted"`
	Reason   string   `json:"reason"`
	Invoices int      `json:"invoices"`
	Gain     float64  `json:"gain"`           // mean over the origins of the relative gain in log loss
	Error    float64  `json:"standard_error"` // of Gain, by a bootstrap of whole customers
	Gap      float64  `json:"ece_difference"` // mean calibration error of the trees less the linear model's
	GapError float64  `json:"ece_standard_error"`
	Floor    float64  `json:"ece_noise_floor"` // about the calibration error that chance gives a calibrated model
	Origins  []Origin `json:"origins"`
}

// Origin is one trial in figures, at 30 days.
type Origin struct {
	Day        int32   `json:"day"`
	Landmarks  int     `json:"landmarks"`
	Champion   Figures `json:"champion"`
	Challenger Figures `json:"challenger"`
}

// Figures measure the predictions of one model; AUC is 0 where only one outcome occurs.
type Figures struct {
	LogLoss float64 `json:"log_loss"`
	Brier   float64 `json:"brier"`
	AUC     float64 `json:"auc"`
	ECE     float64 `json:"ece"`
}

func figures(s *hazard.Sample) Figures {
	f := Figures{LogLoss: s.LogLoss(), Brier: s.Brier(), AUC: s.AUC(), ECE: s.ECE(eceBins)}
	if !finite(f.AUC) {
		f.AUC = 0
	}
	return f
}

// Gate decides: at least 20,000 invoices and three trials, a mean gain in log loss of at least 1 % that is
// more than twice its standard error, and a mean calibration error that is not worse than the linear model's:
// above it by no more than twice the standard error of the difference, or not above what chance gives
// a calibrated model. Gain and loss of calibration are so held to one standard of evidence.
func Gate(invoices int, trials []Trial) Verdict {
	v := Verdict{Invoices: invoices, Origins: []Origin{}}
	champion, challenger := 0.0, 0.0
	for i := range trials {
		t := &trials[i]
		o := Origin{t.Origin, len(t.Customer), figures(&t.Champion), figures(&t.Challenger)}
		v.Origins = append(v.Origins, o)
		n := float64(len(trials))
		champion += o.Champion.ECE / n
		challenger += o.Challenger.ECE / n
		v.Floor += t.Challenger.NoiseFloor(eceBins) / n
	}
	if len(trials) > 0 {
		v.Gain, v.Error = gain(trials)
		v.Gap, v.GapError = miscalibration(trials)
	}
	if !finite(v.Gain) || !finite(v.Error) { // one customer, or none that was ever wrong
		v.Gain, v.Error = 0, 0
	}
	if !finite(v.Gap) || !finite(v.GapError) || !finite(v.Floor) {
		v.Gap, v.GapError, v.Floor = 0, 0, 0
	}
	switch {
	case invoices < MinInvoices:
		v.Reason = fmt.Sprintf("%d invoices, fewer than %d", invoices, MinInvoices)
	case len(trials) < minTrials:
		v.Reason = fmt.Sprintf("%d origins to test on, fewer than %d", len(trials), minTrials)
	case !(v.Gain >= minGain):
		v.Reason = fmt.Sprintf("log loss %.2f %% better, less than %.0f %%", 100*v.Gain, 100*minGain)
	case !(v.Gain > minErrors*v.Error):
		v.Reason = fmt.Sprintf("log loss %.2f %% better, not more than twice the standard error of %.2f %%", 100*v.Gain, 100*v.Error)
	case challenger > v.Floor && v.Gap > minErrors*v.GapError:
		v.Reason = fmt.Sprintf("calibration error %.4f, above %.4f of the linear model by more than twice the standard error of %.4f", challenger, champion, v.GapError)
	default:
		v.Promoted = true
		v.Reason = fmt.Sprintf("log loss %.2f %% better, standard error %.2f %%; calibration error %.4f, of the linear model %.4f, standard error of the difference %.4f",
			100*v.Gain, 100*v.Error, challenger, champion, v.GapError)
	}
	return v
}

// losses are one customer's sums in one trial.
type losses struct {
	customer             uint64
	trial                int
	champion, challenger float64
}

// gain is the mean over trials of the relative gain in log loss, and its standard error: customers count
// in all trials alike.
func gain(trials []Trial) (mean, deviation float64) {
	var all []losses
	for k := range trials {
		all = append(all, trials[k].losses(k)...)
	}
	statistic := func(times func(uint64) float64) float64 { return relative(all, len(trials), times) }
	return statistic(func(uint64) float64 { return 1 }), bootstrap(statistic)
}

// losses sums the log losses of a trial by customer, in order of the customers.
func (t *Trial) losses(k int) []losses {
	at := make([]int, len(t.Customer))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Or(cmp.Compare(t.Customer[a], t.Customer[b]), a-b) })
	var out []losses
	for _, i := range at {
		if n := len(out); n == 0 || out[n-1].customer != t.Customer[i] {
			out = append(out, losses{customer: t.Customer[i], trial: k})
		}
		o := &out[len(out)-1]
		w := t.Champion.Weight[i]
		o.champion += float64(w * loss(t.Champion.P[i], t.Champion.Paid[i]))
		o.challenger += float64(w * loss(t.Challenger.P[i], t.Challenger.Paid[i]))
	}
	return out
}

// loss is the log loss of one prediction.
func loss(p float64, paid bool) float64 {
	s := hazard.Sample{P: []float64{p}, Paid: []bool{paid}}
	return s.LogLoss()
}

// relative is the mean over trials of 1 - challenger's loss / champion's, customers weighted.
func relative(all []losses, trials int, weight func(customer uint64) float64) float64 {
	champion, challenger := make([]float64, trials), make([]float64, trials)
	for i := range all {
		w := weight(all[i].customer)
		champion[all[i].trial] += float64(w * all[i].champion)
		challenger[all[i].trial] += float64(w * all[i].challenger)
	}
	sum := 0.0
	for k := range champion {
		sum += 1 - challenger[k]/champion[k]
	}
	return sum / float64(trials)
}

// poisson is a Poisson number of mean 1 drawn with 64 random bits.
func poisson(bits uint64) float64 {
	u := float64(bits>>11) * 0x1p-53
	p, n := math.Exp(-1), 0.0
	for sum := p; u >= sum && n < 20; sum += p {
		n++
		p /= n
	}
	return n
}

// scramble is the finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
