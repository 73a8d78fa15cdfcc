// Package hazard models the time to payment of open items: it fits, scores, calibrates and
// gives reasons, on numbers alone. It knows no file, no money and no customer.
//
// There are only a few types: a Landmark is one open item seen at one date, with the Past of
// its customer at that date; a LifeTable pools payments and days open by age; a Calendar
// counts business days; Fit turns these into a Model, whose Curve is the chance of payment of
// one landmark over time and whose Reasons say what moves it; an Ahead is the calendar from one date on and a Prospect a
// customer seen from it, for whoever wants the curves of all open items of a night; a Sample holds predictions
// against outcomes and measures them; a Book gives the Rows of the fit, and a Walk those of one landmark, to a
// model that is fitted elsewhere; PartPayments say how much sooner than an item is paid up a unit of it comes in.
//
// The model is the discrete-time proportional hazards model on landmarks (Prentice and Gloeckler, Biometrics 34,
// 1978; van Houwelingen, Scandinavian Journal of Statistics 34, 2007): a landmark's follow-up
// is cut at the ends of Grid, and in each interval it is paid with probability 1-exp(-h),
//
//	h = exposure * exp(intercept + terms)
//
// exposure being the sum, over the business days of the interval, of the pooled hazard at
// the item's age that day. Terms describe the item, its customer and the interval; they are
// fitted by ridge-penalised Newton steps that shrink towards the pooled life table times
// the customer's frailty, which is also the model where data are few. Items that
// were not paid by the cut count for the time they were seen; an interval that the cut
// divides counts with its observed part.
//
// Results are the same bytes for any number of goroutines, and for builds with and without
// fused multiply-add on one architecture.
package hazard
