// Package boost is the challenger of the linear time-to-pay model of package hazard: boosted trees
// for the same discrete-time hazard on the same person-periods. It knows numbers only.
//
// There are only a few types: Fit turns landmarks into a Model, a sum of Trees of Nodes, whose
// Curve, ReasonsOn, Kappa and Shape are those of package hazard's, so that nothing after scoring knows which
// model it was; Settings say how; a Trial holds what linear model and trees said of the
// same landmarks, out of time; Gate makes of Trials a Verdict, whether the trees are to be used.
//
// The hazard of payment of a landmark in an interval is
//
//	calibration * exposure * exp(intercept + trees)
//
// with the exposure of package hazard (the pooled hazard at the item's age, over the business
// days of the interval), so that trees learn departures from the life table. They are grown leaf by
// leaf on histograms with the second-order gain of gradient boosting (Chen and Guestrin, KDD
// 2016; Ke and others, NeurIPS 2017) of the complementary log-log likelihood. A value whose
// effect has a known direction (hazard.Columns) never acts against it: a split that would
// is refused, and its midpoint bounds the branches below. The trees so shrink towards the same
// life table as the linear model.
//
// Gradients are fixed-point integers, so that their sums are exact: a model is the same bytes for
// any number of goroutines, and its histograms may be subtracted without loss.
package boost
